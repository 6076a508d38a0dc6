-- Whether the user of the connection may do all that the bridge does: each command of the other scripts, and those that are
-- called without one, on a key of no room and a channel that nobody hears. Leaves nothing behind.
--
-- KEYS[1] the key; ARGV[1] the channel
--
-- Answers each command that was refused, and the error it was refused with.

local refused = {}

local function try(command, ...)
    local answer = redis.pcall(command, ...)
    if type(answer) == 'table' and answer['err'] then
        refused[#refused + 1] = command
        refused[#refused + 1] = answer['err']
        return false
    end
    return true
end

-- Who may not delete leaves nothing to be deleted.
if not try('DEL', KEYS[1]) then
    return refused
end
try('TIME')
try('EXISTS', KEYS[1])
try('TYPE', KEYS[1])
try('SET', KEYS[1], 1, 'PX', 1000)
try('PEXPIRE', KEYS[1], 1000)
redis.call('DEL', KEYS[1])
try('HSET', KEYS[1], 'a', 1)
try('HGET', KEYS[1], 'a')
try('HMGET', KEYS[1], 'a')
try('HGETALL', KEYS[1])
try('HLEN', KEYS[1])
try('HDEL', KEYS[1], 'a')
redis.call('DEL', KEYS[1])
try('XADD', KEYS[1], 'MINID', '=', '0-1', '1-0', 'a', 1)
try('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)
try('XDEL', KEYS[1], '1-0')
redis.call('DEL', KEYS[1])
try('ZADD', KEYS[1], 1, 'a')
try('ZCARD', KEYS[1])
try('ZSCORE', KEYS[1], 'a')
try('ZRANGE', KEYS[1], 0, 0)
try('ZRANGEBYSCORE', KEYS[1], 0, 1)
try('ZREM', KEYS[1], 'a')
redis.call('DEL', KEYS[1])
try('SADD', KEYS[1], 'a')
try('SMEMBERS', KEYS[1])
try('SCARD', KEYS[1])
try('SREM', KEYS[1], 'a')
redis.call('DEL', KEYS[1])
try('PUBLISH', ARGV[1], '')
try('PUBSUB', 'NUMSUB', ARGV[1])
return refused
