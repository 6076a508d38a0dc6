-- Which instances live. An instance whose lease has run out is fenced first, and its entries in rooms are taken out then:
-- one that comes back after that finds the fence, and begins anew under another name.
--
-- KEYS[1] when the lease of each instance runs out; KEYS[2] fence of the instance in question; KEYS[3] the rooms it is in
-- KEYS[4] the users it has connections of
-- ARGV[1] the time in ms, empty for Redis's own clock; ARGV[2] what to do; ARGV[3] the instance
--
-- Answers 0 for no; otherwise beat answers the time, some instances that seem dead, and the number of its users; fence the
-- rooms and the users.

local FENCE_TTL = 3600000
local LIST_TTL = 86400000
local AT_ONCE = 16

local now = tonumber(ARGV[1])
if not now then
    local time = redis.call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
end

local function isWrongType(answer)
    return type(answer) == 'table' and answer.err and string.find(answer.err, 'WRONGTYPE', 1, true)
end

-- Of a key of another type nothing is left but the name, as if it had been evicted; others put back what they have there.
local function healed(command, key, ...)
    local answer = redis.pcall(command, key, ...)
    if isWrongType(answer) then
        redis.call('DEL', key)
    elseif type(answer) ~= 'table' or not answer.err then
        return answer
    end
    return redis.call(command, key, ...)
end

if ARGV[2] == 'beat' then
    -- lease in ms
    if redis.call('EXISTS', KEYS[2]) == 1 then
        return {0}
    end
    healed('ZADD', KEYS[1], now + tonumber(ARGV[4]), ARGV[3])
    healed('SCARD', KEYS[3])
    local users = healed('SCARD', KEYS[4])
    redis.call('PEXPIRE', KEYS[3], LIST_TTL)
    redis.call('PEXPIRE', KEYS[4], LIST_TTL)
    local dead = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, AT_ONCE)
    return {now, dead, users}
elseif ARGV[2] == 'fence' then
    local until_ = healed('ZSCORE', KEYS[1], ARGV[3])
    if not until_ or tonumber(until_) > now then
        return {0}
    end
    redis.call('SET', KEYS[2], 1, 'PX', FENCE_TTL)
    return {now, healed('SMEMBERS', KEYS[3]), healed('SMEMBERS', KEYS[4])}
elseif ARGV[2] == 'forget' then
    healed('ZREM', KEYS[1], ARGV[3])
    redis.call('DEL', KEYS[3], KEYS[4])
end
return {now}
