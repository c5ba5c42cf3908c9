-- Checks one submission against all its quotas and charges it if all enforced ones
-- pass: the generic cell rate algorithm, as src/rate_limit/gcra.rs does it in process.
--
-- KEYS[i]      what is counted; all in one cluster slot
-- ARGV[3i-2]   what is taken of it, in microseconds: the time in which that comes back,
--              one emission interval for a cost of one, never more than the tolerance
-- ARGV[3i-1]   its tolerance in microseconds: the emission interval times the burst
-- ARGV[3i]     "1" if enforced, "0" if only watched (shadow)
--
-- Returns for each key by how many microseconds it overruns its quota: above zero, it
-- would pass after as many; else it passes now and leaves as many of room.
-- A key holds its theoretical arrival time, in microseconds since 1970, and expires
-- when that has come. All numbers stay below 2^53, where Lua's doubles are exact.
-- Needs Redis 5 or later, which replicates what a script wrote, not the script.
local keys, terms = KEYS, ARGV
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local stored = redis.call('MGET', unpack(keys))
local overruns, tats, refused = {}, {}, false
for i = 1, #keys do
    -- The upper bound matters only where the quota was made narrower, or the clock was
    -- put back, since the key was charged: no wait outlasts the quota as it is now.
    local latest = now + terms[3 * i - 1]
    local tat = tonumber(stored[i]) or now
    if tat < now then tat = now elseif tat > latest then tat = latest end
    tat = tat + terms[3 * i - 2]

    overruns[i] = tat - latest
    if tat > latest then
        refused = refused or terms[3 * i] == '1'
    elseif tat > now then
        tats[i] = tat
    end
end

if not refused then
    -- A key without a new arrival time is a shadow quota's that is used up, or idle and
    -- asked for nothing.
    for i, tat in pairs(tats) do
        redis.call('SET', keys[i], tat, 'PX', math.ceil((tat - now) / 1000))
    end
end
return overruns
