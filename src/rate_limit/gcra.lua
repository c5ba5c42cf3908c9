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
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local stored = redis.call('MGET', unpack(KEYS))
local waits, tats, refused = {}, {}, false
for i = 1, #KEYS do
    -- The upper bound matters only where the quota was made narrower, or the clock was
    -- put back, since the key was charged: no wait outlasts the quota as it is now.
    local latest = now + ARGV[3 * i - 1]
    local tat = math.min(math.max(tonumber(stored[i]) or now, now), latest)
    tats[i] = tat + ARGV[3 * i - 2]
    waits[i] = math.max(tats[i] - latest, 0)
    refused = refused or (waits[i] > 0 and ARGV[3 * i] == '1')
end

if not refused then
    for i = 1, #KEYS do
        if waits[i] == 0 then
            local milliseconds = math.ceil((tats[i] - now) / 1000)
            redis.call('SET', KEYS[i], string.format('%.0f', tats[i]), 'PX', milliseconds)
        end
    end
end
return waits
