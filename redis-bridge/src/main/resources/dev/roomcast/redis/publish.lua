-- Puts a batch of messages into the room's order, keeps it, and tells the instances; all of it, or nothing.
--
-- KEYS[3...] the ids of one user each
-- ARGV[4] channel; ARGV[5] producer, 8 bytes; ARGV[6] sequence number of the batch
-- ARGV[7], [8], [9] history: messages, age in ms, bytes
-- ARGV[10] number of messages; ARGV[11] bytes of their content if none has an id, then ARGV[12] is all of them; otherwise
--          empty, and for each message follow: index of its user's key or empty, id, digest, bytes of content, message
--
-- Answers epoch, offset of the first message that was put into the order now, and, if there are ids, a verdict for each:
-- a number is its offset; a list is the position that its id got before; 'c' is a conflict; another text is the number of
-- ms after which one more id is free. A batch older than the producer's newest is not carried out: nobody waits for it.

local ID_AGE = 300000
local IDS_PER_USER = 4096
local PRODUCER_TTL = 600000

local sequence = tonumber(ARGV[6])
local producer = 'P' .. ARGV[5]
local now = clock()
local room = order(producer)
local newest = room.newest and cmsgpack.unpack(room.newest)
if newest and newest[1] == sequence then
    return newest[2]
elseif newest and newest[1] > sequence then
    return {}
end

local epoch, offset, total = room.epoch, room.offset, room.total
local first = offset + 1
local answer = {epoch, first}
local last = offset
local messages

-- Takes the oldest ids out of a user's queue when they are too old; the head of the queue that is left.
local function forget(key, head, tail)
    for _ = 1, 8 do
        local oldest = head < tail and redis.call('HGET', key, 'q' .. whole(head))
        if not oldest then
            return head, now
        end
        oldest = cmsgpack.unpack(oldest)
        if now - oldest[2] < ID_AGE then
            return head, oldest[2]
        end
        redis.call('HDEL', key, 'q' .. whole(head))
        local entry = redis.call('HGET', key, 'i' .. oldest[1])
        if entry and cmsgpack.unpack(entry)[4] == oldest[2] then
            redis.call('HDEL', key, 'i' .. oldest[1])
        end
        head = head + 1
    end
    return head, now
end

-- The verdict on an id; nil if the message is to be published.
local function claim(key, id, digest)
    local field = 'i' .. id
    local kept = redis.call('HMGET', key, field, 'h', 't')
    local entry = kept[1] and cmsgpack.unpack(kept[1])
    if entry and now - entry[4] < ID_AGE then
        return entry[3] == digest and {entry[1], entry[2]} or 'c'
    end
    local tail = tonumber(kept[3] or '0')
    local head, oldest = forget(key, tonumber(kept[2] or '0'), tail)
    if tail - head >= IDS_PER_USER then
        redis.call('HSET', key, 'h', head)
        return whole(ID_AGE - (now - oldest))
    end
    redis.call('HSET', key, 'h', head, 't', tail + 1, 'q' .. whole(tail), cmsgpack.pack({id, now}),
        field, cmsgpack.pack({epoch, last + 1, digest, now}))
    redis.call('PEXPIRE', key, 2 * ID_AGE)
    return nil
end

if ARGV[11] ~= '' then
    last = offset + tonumber(ARGV[10])
    total = total + tonumber(ARGV[11])
    messages = ARGV[12]
else
    local accepted = {}
    for i = 0, tonumber(ARGV[10]) - 1 do
        local at = 12 + 5 * i
        local verdict = ARGV[at] ~= '' and claim(KEYS[tonumber(ARGV[at])], ARGV[at + 1], ARGV[at + 2]) or nil
        if not verdict then
            last = last + 1
            total = total + tonumber(ARGV[at + 3])
            accepted[#accepted + 1] = ARGV[at + 4]
            verdict = last
        end
        answer[#answer + 1] = verdict
    end
    messages = table.concat(accepted)
end

-- Drops whole batches from the front while those behind them fill the limit by themselves. Looks only when a quarter more
-- may be there; readers apply the limit exactly.
local function trim(limit)
    local trimmed = room.trimmed
    if total - trimmed <= limit + limit / 4 then
        return
    end
    local keep
    while not keep do
        local entries = redis.call('XRANGE', KEYS[2], keep or '-', '+', 'COUNT', 4)
        for _, entry in ipairs(entries) do
            local ours, _, _, _, upTo = pcall(header, entry[2][2])
            trimmed = ours and upTo or trimmed
            if ours and total - upTo < limit then
                keep = entry[1]
                break
            end
            redis.call('XDEL', KEYS[2], entry[1])
        end
        if #entries == 0 then
            break
        end
    end
    redis.call('HSET', KEYS[1], 'c', trimmed)
end

-- Producers that have gone are forgotten when another one comes.
if not newest then
    local fields = redis.call('HGETALL', KEYS[1])
    for i = 1, #fields, 2 do
        if string.sub(fields[i], 1, 1) == 'P' and now - cmsgpack.unpack(fields[i + 1])[3] > PRODUCER_TTL then
            redis.call('HDEL', KEYS[1], fields[i])
        end
    end
end
redis.call('HSET', KEYS[1], 'o', last, 'b', total, producer, cmsgpack.pack({sequence, answer, now}))
touch(room, now)

if last > offset then
    local batch = struct.pack('>BBBc0I8I8I8c0I8I2', 1, 1, #epoch, epoch, first, now, total, ARGV[5], sequence,
        last - offset) .. messages
    local most = tonumber(ARGV[7])
    if most > 0 then
        local id = whole(last) .. '-0'
        local oldest = whole(math.max(last - most + 1, 0))
        local added = redis.pcall('XADD', KEYS[2], 'MINID', '~', oldest, id, 'b', batch)
        if type(added) == 'table' then
            -- What stands there is not ours, or ahead of us.
            redis.call('DEL', KEYS[2])
            redis.call('XADD', KEYS[2], id, 'b', batch)
        end
        trim(tonumber(ARGV[9]))
        -- A quarter longer than wanted, so that it need not be said each time; readers look at the age.
        local age = tonumber(ARGV[8])
        if offset == 0 or type(added) == 'table' or math.abs(now - room.streamTouched) > age / 4 then
            redis.call('HSET', KEYS[1], 'x', now)
            redis.call('PEXPIRE', KEYS[2], string.format('%.0f', age + age / 4 + 1000))
        end
    end
    redis.call('PUBLISH', ARGV[4], batch)
end
return answer
