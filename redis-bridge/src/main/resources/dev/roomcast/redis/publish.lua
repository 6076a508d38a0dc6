-- Puts a batch of messages into the room's order, keeps it, and tells the instances; all of it, or nothing.
--
-- KEYS[3...] the ids of one user each: s the state, that is number of the oldest and behind the newest group of ids, how
--         many ids, when the oldest group came, when this was last kept from expiring; of each group, q and its number: when
--         it came, and its ids; of each id, i and itself: digest of its message, place in its batch, when it came, offset of
--         the first of its batch, epoch
-- ARGV[4] channel; ARGV[5] producer, 8 bytes; ARGV[6] sequence number of the batch
-- ARGV[7], [8], [9] history: messages, age in ms, bytes
-- ARGV[10] number of messages; ARGV[11] bytes of their content; ARGV[12] all of them
-- ARGV[13] if any has an id, of each message: number of its user or 0, number among the ids of that user (2 bytes each),
--         bytes of content, bytes of message (4 each)
-- ARGV[14] 1 if an id stands here twice; ARGV[15...] of each user: how many ids, s, i and id of each, digest and place of each
--
-- Answers epoch, offset of the first message that was put into the order now, and, unless each of them was, a verdict for
-- each: a number is its offset; a list is the position that its id got before; 'c' is a conflict; another text is the number
-- of ms after which one more id is free. A batch older than the producer's newest is not carried out: nobody waits for it.

local ID_AGE = 300000
local IDS_PER_USER = 4096
local GROUPS_AT_ONCE = 8
local FUTURE = 86400000
local PRODUCER_TTL = 600000
local TRIM_EVERY = 32

local sequence = tonumber(ARGV[6])
local producer = 'P' .. ARGV[5]
local epoch, offset, newest, total, trimmed, touched, streamTouched = order(producer, function(packed)
    return #packed > 16 and struct.unpack('>I8', packed) <= MOST
end)
if newest then
    local number = struct.unpack('>I8', newest)
    if number == sequence then
        local isAnswer, before = pcall(cmsgpack.unpack, string.sub(newest, 17))
        return isAnswer and type(before) == 'table' and before or {}
    elseif number > sequence then
        return {}
    end
end

local first = offset + 1
local answer = {epoch, first}
local count = tonumber(ARGV[10])
local content = tonumber(ARGV[11])
local messages = ARGV[12]

if ARGV[13] then
    local IDS = '>I8I8I8I8I8'
    local IDS_SIZE = 40
    local users = {}
    -- Whether nothing stands in the way of any.
    local isPlain = ARGV[14] == '0'

    -- Takes groups that are too old out of the front of a user's ids. An id of theirs may have come again meanwhile.
    local function forget(user)
        for _ = 1, GROUPS_AT_ONCE do
            if user.head == user.tail then
                user.oldest = now
                return
            end
            local group = redis.call('HGET', user.key, 'q' .. whole(user.head))
            group = group and cmsgpack.unpack(group) or {0}
            user.oldest = group[1]
            if now - user.oldest < ID_AGE then
                return
            end
            for n = 2, #group do
                local entry = redis.call('HGET', user.key, group[n])
                if entry and #entry > 34 and struct.unpack('>I8', entry, 19) == user.oldest then
                    redis.call('HDEL', user.key, group[n])
                end
            end
            redis.call('HDEL', user.key, 'q' .. whole(user.head))
            user.head = user.head + 1
            user.count = user.count - #group + 1
            user.isChanged = true
        end
    end

    local function begin(user)
        user.head, user.tail, user.count, user.oldest, user.touched = 0, 0, 0, now, 0
    end

    -- Something else has written there. It is as if the ids had been evicted.
    local function beginAnew(user)
        redis.call('DEL', user.key)
        user.kept = {}
        begin(user)
    end

    local function isSane(user)
        return user.tail >= user.head and user.count <= IDS_PER_USER and user.oldest - now < FUTURE
    end

    local at = 15
    for n = 3, #KEYS do
        local size = tonumber(ARGV[at])
        local kept = ask('HMGET', KEYS[n], unpack(ARGV, at + 1, at + 1 + size))
        local user = {key = KEYS[n], at = at + 1, size = size, kept = kept}
        if kept[1] and #kept[1] == IDS_SIZE then
            user.head, user.tail, user.count, user.oldest, user.touched = struct.unpack(IDS, kept[1])
            if not isSane(user) or now - user.oldest >= ID_AGE and not pcall(forget, user) then
                beginAnew(user)
            end
        elseif kept[1] == false then
            begin(user)
        else
            beginAnew(user)
        end
        for i = 2, size + 1 do
            isPlain = isPlain and not user.kept[i]
        end
        isPlain = isPlain and user.count + size <= IDS_PER_USER
        users[n - 2] = user
        at = at + 2 + 2 * size
    end

    -- The verdict on an id; nil if the message is to be published at a place in the batch.
    local function claim(user, i, place)
        local id = ARGV[user.at + i]
        local digest = string.sub(ARGV[user.at + user.size + i], 1, 16)
        user.fresh = user.fresh or {}
        user.places = user.places or {}
        local again = user.fresh[id]
        if again then
            return again.digest == digest and {epoch, first + again.place} or 'c'
        end
        local entry = user.kept[i + 1]
        if entry and #entry > 34 then
            local was, since, behind = struct.unpack('>I2I8I8', entry, 17)
            if now - since < ID_AGE then
                return string.sub(entry, 1, 16) == digest and {string.sub(entry, 35), behind + was} or 'c'
            end
        end
        if user.count >= IDS_PER_USER and now - user.oldest >= ID_AGE then
            forget(user)
        end
        if user.count >= IDS_PER_USER then
            return whole(ID_AGE - (now - user.oldest))
        end
        user.count = user.count + 1
        user.fresh[id] = {digest = digest, place = place}
        user.places[i] = digest .. struct.pack('>I2', place)
        return nil
    end

    if not isPlain then
        local taken = {}
        local put = 0
        local from = 1
        for i = 1, count do
            local owner, n, size, length = struct.unpack('>I2I2I4I4', ARGV[13], 12 * i - 11)
            local verdict = owner > 0 and claim(users[owner], n, put)
            if verdict then
                content = content - size
                answer[i + 2] = verdict
            else
                put = put + 1
                taken[put] = string.sub(messages, from, from + length - 1)
                answer[i + 2] = offset + put
            end
            from = from + length
        end
        messages = table.concat(taken)
        count = put
    end

    local where = struct.pack('>I8I8', now, first) .. epoch
    for _, user in ipairs(users) do
        local writes = {}
        local group = {now}
        for i = 1, user.size do
            local place = isPlain and ARGV[user.at + user.size + i] or user.places and user.places[i]
            if place then
                local id = ARGV[user.at + i]
                group[#group + 1] = id
                writes[#writes + 1] = id
                writes[#writes + 1] = place .. where
            end
        end
        if #writes > 0 then
            writes[#writes + 1] = 'q' .. whole(user.tail)
            writes[#writes + 1] = cmsgpack.pack(group)
            user.tail = user.tail + 1
            user.isChanged = true
        end
        if user.isChanged then
            local isOld = math.abs(now - user.touched) >= ID_AGE
            redis.call('HSET', user.key, 's', struct.pack(IDS, user.head, user.tail,
                isPlain and user.count + user.size or user.count, user.oldest, isOld and now or user.touched), unpack(writes))
            if isOld then
                redis.call('PEXPIRE', user.key, 2 * ID_AGE)
            end
        end
    end
end

local last = offset + count
total = total + content

-- Drops whole batches from the front while those behind them fill the limit by themselves; how much was dropped in all.
-- Readers apply the limit exactly.
local function trim(limit)
    while true do
        local entries = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 4)
        for _, entry in ipairs(entries) do
            local ours, _, _, _, upTo = pcall(header, entry[2][2])
            trimmed = ours and upTo or trimmed
            if ours and total - upTo < limit then
                return trimmed
            end
            redis.call('XDEL', KEYS[2], entry[1])
        end
        if #entries == 0 then
            return trimmed
        end
    end
end

-- Whether the stream was refused for what stands there: it is not ours, or ahead of us.
local function isForeign(refusal)
    return string.find(refusal, 'WRONGTYPE', 1, true) or string.find(refusal, 'equal or smaller', 1, true)
        or string.find(refusal, 'exhausted the last possible ID', 1, true)
end

-- Producers that have gone are forgotten when another one comes.
if not newest then
    local fields = redis.call('HGETALL', KEYS[1])
    for i = 1, #fields, 2 do
        local packed = fields[i + 1]
        if string.sub(fields[i], 1, 1) == 'P'
            and (#packed < 16 or now - select(2, struct.unpack('>I8I8', packed)) > PRODUCER_TTL) then
            redis.call('HDEL', KEYS[1], fields[i])
        end
    end
end

local batch
local most = tonumber(ARGV[7])
local newestId = whole(last)
if count > 0 then
    batch = struct.pack('>BBBc0I8I8I8c0I8I2', 1, 1, #epoch, epoch, first, now, total, ARGV[5], sequence, count) .. messages
end
if batch and most > 0 then
    local added
    if math.floor(last / TRIM_EVERY) == math.floor(offset / TRIM_EVERY) then
        added = redis.pcall('XADD', KEYS[2], newestId .. '-0', 'b', batch)
    else
        added = redis.pcall('XADD', KEYS[2], 'MINID', '~', whole(math.max(last - most + 1, 0)), newestId .. '-0', 'b', batch)
    end
    if type(added) == 'table' then
        if not isForeign(added.err) then
            -- Above all that there is no space: said only while nothing has been written.
            return added
        end
        redis.call('DEL', KEYS[2])
        redis.call('XADD', KEYS[2], newestId .. '-0', 'b', batch)
        streamTouched = 0
    end
    -- Looks only when a quarter more may be there.
    local limit = tonumber(ARGV[9])
    if total - trimmed > limit + limit / 4 then
        trimmed = trim(limit)
    end
    -- A quarter longer than wanted, so that it need not be said each time; readers look at the age.
    local age = tonumber(ARGV[8])
    if math.abs(now - streamTouched) > age / 4 then
        redis.call('PEXPIRE', KEYS[2], whole(age + age / 4 + 1000))
        streamTouched = now
    end
end
touched = touch(touched)
redis.call('HSET', KEYS[1], 'o', newestId, 's', struct.pack(STATE, total, trimmed, touched, streamTouched),
    producer, struct.pack('>I8I8', sequence, now) .. cmsgpack.pack(answer))
if batch then
    redis.call('PUBLISH', ARGV[4], batch)
end
return answer
