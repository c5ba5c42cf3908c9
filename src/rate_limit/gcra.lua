-- Checks one submission against all its quotas and charges it if all enforced ones
-- pass: the generic cell rate algorithm, as src/rate_limit/gcra.rs does it in process.
--
-- KEYS[i]      what is counted; all in one cluster slot
-- ARGV[3i-2]   its emission interval in microseconds: the time in which one comes back
-- ARGV[3i-1]   its tolerance in microseconds: the interval times the burst
-- ARGV[3i]     "1" if enforced, "0" if only watched (shadow)
--
-- Returns for each key the microseconds until it would pass; 0 if it passes now.
-- A key holds its theoretical arrival time, in microseconds since 1970, and expires
-- when that has come. All numbers stay below 2^53, where Lua's doubles are exact.
-- Needs Redis 5 or later, which replicates what a script wrote, not the script.
local keys, terms = KEYS, ARGV
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local stored = redis.call('MGET', unpack(keys))
local waits, tats, refused = {}, {}, false
for i = 1, #keys do
    -- The upper bound matters only where the quota was made narrower, or the clock was
    -- put back, since the key was charged: no wait outlasts the quota as it is now.
    local latest = now + terms[3 * i - 1]
    local tat = tonumber(stored[i]) or now
    if tat < now then tat = now elseif tat > latest then tat = latest end
    tat = tat + terms[3 * i - 2]

    if tat <= latest then
        waits[i], tats[i] = 0, tat
    else
        waits[i] = tat - latest
        refused = refused or terms[3 * i] == '1'
    end
end

if not refused then
    -- A key without a new arrival time is a shadow quota's that is used up.
    for i, tat in pairs(tats) do
        redis.call('SET', keys[i], tat, 'PX', math.ceil((tat - now) / 1000))
    end
end
return waits
