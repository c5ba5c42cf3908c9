-- Judges submissions one after the other, each against all its quotas, and charges
-- each if all its enforced ones pass: the generic cell rate algorithm, as
-- src/rate_limit/gcra.rs does it in process. Submissions that come at once share a
-- call, which spares Redis most of the work; the answers are those of a call each.
--
-- KEYS     what is counted: distinct, all in one cluster slot
-- ARGV     the number of terms; for each term
--              its increment in microseconds: what a charge uses up, never more than the tolerance;
--              below zero, what a submission that came to nothing gives back
--              its tolerance in microseconds: what a key can hold, the interval times the burst
--              1 if enforced, 0 if only watched (shadow)
--          then for each submission the number of its charges; for each charge
--              the number of its key, from 1; a submission has each key once
--              the number of its term, from 1
--
-- Returns for each charge, in that order, by how many microseconds it overruns its quota:
-- above zero, it would pass after as many; else it passes now and leaves as many of room.
-- A key holds its theoretical arrival time, in microseconds since 1970, and
-- expires when that has come. All numbers stay below 2^53, where Lua's doubles are exact.
-- Needs Redis 5 or later, which replicates what a script wrote, not the script.
local keys, args = KEYS, ARGV
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local tats = redis.call('MGET', unpack(keys))

local at = 1
local function number()
    at = at + 1
    return tonumber(args[at - 1])
end

local increments, latests, enforced = {}, {}, {}
for term = 1, number() do
    increments[term], latests[term], enforced[term] = number(), now + number(), number() == 1
end

local overruns, written = {}, {}
while at <= #args do
    local charged, refused = {}, false
    for _ = 1, number() do
        local key, term = number(), number()
        -- The upper bound matters only where the quota was made narrower, or the clock
        -- was put back, since the key was charged: no wait outlasts the quota as it is now.
        local latest = latests[term]
        local tat = tonumber(tats[key]) or now
        if tat < now then tat = now elseif tat > latest then tat = latest end
        tat = tat + increments[term]
        overruns[#overruns + 1] = tat - latest
        if tat > latest then
            refused = refused or enforced[term]
        elseif tat > now then
            charged[key] = tat
        elseif increments[term] < 0 and tats[key] then
            -- Idle again: to write what is over at once takes no right to delete.
            charged[key] = now + 1
        end
    end
    if not refused then
        -- A key that is not charged is a shadow quota's that is used up, or idle and asked
        -- for nothing.
        for key, tat in pairs(charged) do
            tats[key], written[key] = tat, tat
        end
    end
end

for key, tat in pairs(written) do
    redis.call('SET', keys[key], tat, 'PX', math.ceil((tat - now) / 1000))
end
return overruns
