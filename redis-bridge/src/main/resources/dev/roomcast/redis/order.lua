-- The order of one room. Stands before every script that touches it.
--
-- Most of what a call costs is Lua, not Redis: each command, each number that becomes text and each copy of a long string
-- counts. So what changes with every batch is packed into one field.
--
-- KEYS[1] meta: e epoch, o newest offset, r run id of the Redis under which the epoch was given, p and l the epoch before
--         and its newest offset, s the state: bytes of content published so far, bytes of content known to have been
--         trimmed, when meta and stream were last kept from expiring; and for each producer, P and its 8 bytes: number of
--         its newest batch, when that was, what was answered
-- KEYS[2] stream: a batch per entry, its id is the offset of the batch's newest message
-- ARGV[1] the time in ms, empty for Redis's own clock; ARGV[2] run id; ARGV[3] an epoch that was never used

local META_TTL = 86400000
local STATE = '>I8I8I8I8'
local MOST = 2 ^ 52

local now = tonumber(ARGV[1])
if not now then
    local time = redis.call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
end

local function whole(n)
    return string.format('%.0f', n)
end

-- What a command answers that only reads; nothing for a key of another type. Any other refusal ends the script.
local function ask(...)
    local answer = redis.pcall(...)
    if answer.err then
        return string.find(answer.err, 'WRONGTYPE', 1, true) and {} or redis.call(...)
    end
    return answer
end

-- Whether a position can be counted on. Not a number is not.
local function isOffset(n)
    return n and n >= 0 and n <= MOST and n % 1 == 0
end

-- Whether the fields of meta are what the scripts write.
local function isWhole(epoch, offset, state)
    if not epoch or not state or #epoch < 1 or #epoch > 32 or #state ~= 32 or not isOffset(tonumber(offset)) then
        return false
    end
    local total, trimmed = struct.unpack('>I8I8', state)
    return total <= MOST and trimmed <= total
end

-- The order as it stands: epoch, offset, one more field of meta, and the state. Begins a new one for a room of which nothing
-- is known, or nothing that a script can have written: another program may have used the key. After a restart of Redis, which
-- may have forgotten the newest messages, offsets go on under a new epoch: so nobody takes a new message for an old one.
local function order(field, isSound)
    local epoch, offset, run, state, more = unpack(ask('HMGET', KEYS[1], 'e', 'o', 'r', 's', field))
    if not isWhole(epoch, offset, state) or more and not isSound(more) then
        redis.call('DEL', KEYS[1], KEYS[2])
        redis.call('HSET', KEYS[1], 'e', ARGV[3], 'o', '0', 'r', ARGV[2], 's', struct.pack(STATE, 0, 0, 0, 0))
        return ARGV[3], 0, false, 0, 0, 0, 0
    end
    if run ~= ARGV[2] then
        redis.call('HSET', KEYS[1], 'e', ARGV[3], 'r', ARGV[2], 'p', epoch, 'l', offset)
        epoch = ARGV[3]
        if field == 'l' then
            more = offset
        end
    end
    return epoch, tonumber(offset), more, struct.unpack(STATE, state)
end

-- Keeps the order from being forgotten, for a day and a little more; when that was done.
local function touch(touched)
    if math.abs(now - touched) > META_TTL / 24 then
        redis.call('PEXPIRE', KEYS[1], META_TTL + META_TTL / 24)
        return now
    end
    return touched
end

-- Of a batch: epoch, first offset, time, bytes so far.
local function header(batch)
    local epoch, at = struct.unpack('>Bc0', batch, 3)
    local first, millis, total = struct.unpack('>I8I8I8', batch, at)
    return epoch, first, millis, total
end
