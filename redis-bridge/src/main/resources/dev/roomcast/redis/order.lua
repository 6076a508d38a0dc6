-- The order of one room. Stands before every script that touches it.
--
-- KEYS[1] meta: e epoch, o newest offset, r run id of the Redis under which the epoch was given, p and l the epoch before
--         and its newest offset, b bytes of content published so far, c bytes of content known to have been trimmed, t and
--         x when meta and stream were last kept from expiring, and for each producer, P and its 8 bytes: its newest batch,
--         what was answered, when
-- KEYS[2] stream: a batch per entry, its id is the offset of the batch's newest message
-- ARGV[1] the time in ms, empty for Redis's own clock; ARGV[2] run id; ARGV[3] an epoch that was never used

local META_TTL = 86400000

local function clock()
    if ARGV[1] ~= '' then
        return tonumber(ARGV[1])
    end
    local time = redis.call('TIME')
    return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function whole(n)
    return string.format('%.0f', n)
end

-- The order as it stands. Begins that of a room that nothing is known of. After a restart of Redis, which may have forgotten
-- the newest messages, offsets go on under a new epoch: so nobody takes a new message for an old one.
local function order(producer)
    local meta = redis.call('HMGET', KEYS[1], 'e', 'o', 'r', 'b', 'c', 'l', 't', 'x', producer or 't')
    local room = {
        epoch = meta[1],
        offset = tonumber(meta[2]),
        total = tonumber(meta[4] or '0'),
        trimmed = tonumber(meta[5] or '0'),
        began = tonumber(meta[6] or '0'),
        touched = tonumber(meta[7] or '0'),
        streamTouched = tonumber(meta[8] or '0'),
        newest = producer and meta[9],
    }
    if not room.epoch or not room.offset then
        redis.call('DEL', KEYS[1], KEYS[2])
        redis.call('HSET', KEYS[1], 'e', ARGV[3], 'o', '0', 'r', ARGV[2], 'b', '0')
        return {epoch = ARGV[3], offset = 0, total = 0, trimmed = 0, began = 0, touched = 0, streamTouched = 0}
    end
    if meta[3] ~= ARGV[2] then
        redis.call('HSET', KEYS[1], 'e', ARGV[3], 'r', ARGV[2], 'p', room.epoch, 'l', meta[2])
        room.epoch = ARGV[3]
        room.began = room.offset
    end
    return room
end

-- Keeps the order from being forgotten, for a day and a little more.
local function touch(room, now)
    if math.abs(now - room.touched) > META_TTL / 24 then
        redis.call('HSET', KEYS[1], 't', now)
        redis.call('PEXPIRE', KEYS[1], META_TTL + META_TTL / 24)
    end
end

-- Of a batch: epoch, first offset, time, bytes so far.
local function header(batch)
    local epoch, at = struct.unpack('>Bc0', batch, 3)
    local first, millis, total = struct.unpack('>I8I8I8', batch, at)
    return epoch, first, millis, total
end

