-- Who is in one room. Every change of it is made here, and published by whoever makes it.
--
-- KEYS[1] revision: v the revision, r run id of the Redis under which it was given, g the roster's generation, n and a how
--         many entries users and graces have, and for each instance, under the name of KEYS[4], how many connections
-- KEYS[2] users: of each, packed, number of connections, metadata or false, the revision at which it came, why it went
--         while it is away, the connection that said the metadata, empty for the host, and of others that said some before
--         and are still here, oldest first, connection and metadata
-- KEYS[3] graces: the users that are away, by the time at which they have left
-- KEYS[4] connections of one instance here, with their users
-- KEYS[5] meta of the room's order, which is kept for a day only where someone is or something was published
--
-- Redis may evict any of these keys. What is left then is worth nothing, since counts no longer agree: the roster begins
-- anew, as another generation, and each instance puts its connections back. The same holds for a key of another type, and
-- for an entry that cannot be read.
--
-- ARGV[1] the time in ms, empty for Redis's own clock; ARGV[2] run id; ARGV[3] channel; ARGV[4] what to do; the rest
-- belongs to that
--
-- Answers the revision, a result, how long until the next grace is over, the changes as they were published, and the
-- generation.

local META_TTL = 86400000
local VACANT_TTL = 300000
local LAST_REVISION = 2 ^ 52
local UNREADABLE = 'an entry that this script has not written'
local DUE_AT_ONCE = 256
local JOINED, LEFT, UPDATED = 1, 2, 3
local NONE, LOST = 0, 3
local HOST = ''
local MOST_WORDS = 16

local now = tonumber(ARGV[1])
if not now then
    local time = redis.call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
end

-- What a command answers that only reads; false for a key of another type. Any other refusal ends the script.
local function ask(...)
    local answer = redis.pcall(...)
    if type(answer) == 'table' and answer.err then
        return not string.find(answer.err, 'WRONGTYPE', 1, true) and redis.call(...)
    end
    return answer
end

local function isNumber(answer)
    return type(answer) == 'number'
end

local function isWord(value)
    return not value or type(value) == 'string'
end

-- A revision that is lost, or may have gone back with an older copy, begins at the time: nobody was ever told a later one.
local kept = ask('HMGET', KEYS[1], 'v', 'r', 'g', 'n', 'a', KEYS[4]) or {}
local revision = tonumber(kept[1])
if not revision or not (revision >= 0 and revision <= LAST_REVISION) then
    revision = now
elseif kept[2] ~= ARGV[2] then
    revision = math.max(revision + 1, now)
end
local before = tonumber(kept[1])
local changes = {}

local function counted()
    return {ask('HLEN', KEYS[2]), ask('ZCARD', KEYS[3]), ask('HLEN', KEYS[4])}
end

local function agree(counts)
    return tonumber(kept[4] or '0') == counts[1] and tonumber(kept[5] or '0') == counts[2] and isNumber(counts[3])
end

local generation = kept[3]
local mine = tonumber(kept[6] or '0')
local counts = counted()

-- Whether nobody is connected; someone may be away.
local wasVacant = counts[1] == counts[2]

-- Other instances are no longer counted either, so what they have here is void, too.
local function beginAnew()
    redis.call('DEL', KEYS[1], KEYS[2], KEYS[3], KEYS[4])
    generation = string.format('%.0f', math.max(now, (tonumber(generation) or 0) + 1))
    kept = {}
    mine = 0
    wasVacant = true
end

if not generation or not agree(counts) or (mine ~= 0 and mine ~= counts[3]) then
    beginAnew()
elseif mine == 0 and counts[3] > 0 then
    redis.call('DEL', KEYS[4])
end

local function decode(packed)
    local isPacked, entry = pcall(cmsgpack.unpack, packed)
    if isPacked and type(entry) == 'table' and isNumber(entry[1]) and isNumber(entry[3]) and isWord(entry[2])
        and isWord(entry[5]) and (not entry[6] or type(entry[6]) == 'table') then
        for _, word in ipairs(entry[6] or {}) do
            if not isWord(word) then
                error(UNREADABLE)
            end
        end
        return entry
    end
    error(UNREADABLE)
end

local function get(user)
    local entry = redis.call('HGET', KEYS[2], user)
    return entry and decode(entry)
end

local function put(user, entry)
    redis.call('HSET', KEYS[2], user, cmsgpack.pack(entry))
end

local function tell(kind, user, entry, cause)
    revision = revision + 1
    local meta = entry[2] or ''
    local change = struct.pack('>BBI8BBI8I4I2c0BI4c0', 1, 3, revision, kind, cause, now, entry[1], #user, user,
        entry[2] and 1 or 0, #meta, meta)
    redis.call('PUBLISH', ARGV[3], change)
    changes[#changes + 1] = change
end

local function remove(user, entry, cause)
    redis.call('HDEL', KEYS[2], user)
    redis.call('ZREM', KEYS[3], user)
    tell(LEFT, user, entry, cause)
end

-- What a connection said before about its user, and nobody has said anything since.
local function unsay(entry, connection)
    local older = entry[6] or {}
    if entry[5] == connection then
        local n = #older
        entry[5], entry[2] = older[n - 1] or false, older[n] or false
        older[n], older[n - 1] = nil, nil
        return
    end
    for i = 1, #older, 2 do
        if older[i] == connection then
            table.remove(older, i + 1)
            table.remove(older, i)
            return
        end
    end
end

-- A connection says something about its user; what others said is remembered until they go.
local function say(entry, connection, meta)
    unsay(entry, connection)
    local older = entry[6] or {}
    if entry[5] then
        older[#older + 1] = entry[5]
        older[#older + 1] = entry[2]
    end
    while #older >= 2 * MOST_WORDS do
        table.remove(older, 1)
        table.remove(older, 1)
    end
    entry[2], entry[4], entry[5], entry[6] = meta, entry[4] or false, connection, older
end

-- Puts back what a connection said, which may be older than what others have said meanwhile. True if it counts.
local function sayBehind(entry, connection, meta)
    if not entry[5] then
        say(entry, connection, meta)
        return true
    end
    local older = entry[6] or {}
    local isKnown = entry[5] == connection or #older >= 2 * MOST_WORDS - 2
    for i = 1, #older, 2 do
        isKnown = isKnown or older[i] == connection
    end
    if not isKnown then
        table.insert(older, 1, meta)
        table.insert(older, 1, connection)
        entry[6] = older
    end
    return false
end

-- A connection more; quiet when it only puts back what was told before. Whether there is news that was told to nobody.
local function add(connection, user, meta, quiet)
    local entry = get(user)
    local isNew = not entry
    entry = entry or {0, false, revision + 1}
    if not isNew and entry[1] == 0 and entry[5] and entry[5] ~= HOST then
        -- Back from a grace: what the lost connection said is this one's now.
        entry[5] = connection
    end
    if redis.call('HSET', KEYS[4], connection, user) == 1 then
        entry[1] = entry[1] + 1
    end
    local before = entry[2]
    if meta ~= '' and (isNew or not quiet) then
        say(entry, connection, meta)
    elseif meta ~= '' then
        sayBehind(entry, connection, meta)
    end
    entry[4] = false
    redis.call('ZREM', KEYS[3], user)
    put(user, entry)
    local isOther = entry[2] ~= before
    if isNew and not quiet then
        tell(JOINED, user, entry, NONE)
    elseif isOther and not quiet then
        tell(UPDATED, user, entry, NONE)
    end
    return isNew, isOther
end

-- A connection less; the user stays for a while if there is a grace.
local function drop(connection, user, cause, grace)
    if redis.call('HGET', KEYS[4], connection) ~= user then
        return
    end
    redis.call('HDEL', KEYS[4], connection)
    local entry = get(user)
    if not entry then
        return
    end
    entry[1] = math.max(entry[1] - 1, 0)
    if entry[1] > 0 then
        local before = entry[2]
        unsay(entry, connection)
        put(user, entry)
        if entry[2] ~= before then
            tell(UPDATED, user, entry, NONE)
        end
    elseif grace > 0 then
        entry[4] = cause
        put(user, entry)
        redis.call('ZADD', KEYS[3], now + grace, user)
    else
        remove(user, entry, cause)
    end
end

-- Makes everyone look: a hole in the revisions, and behind it a change that is none.
local function nudge()
    revision = revision + 1
    tell(LEFT, '', {0, false}, NONE)
end

local result
local task = ARGV[4]

local function work()
    result = 0
    -- Those whose grace is over have left, whoever finds it out.
    for _, user in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'LIMIT', 0, DUE_AT_ONCE)) do
        local entry = get(user)
        if entry and entry[1] == 0 then
            remove(user, entry, entry[4] or LOST)
        else
            redis.call('ZREM', KEYS[3], user)
        end
    end

    if task == 'join' then
        -- connection, user, metadata or empty
        add(ARGV[5], ARGV[6], ARGV[7], false)
    elseif task == 'leave' then
        -- connection, user, cause, grace in ms
        drop(ARGV[5], ARGV[6], tonumber(ARGV[7]), tonumber(ARGV[8]))
    elseif task == 'update' then
        -- user, metadata or empty
        local entry = get(ARGV[5])
        if entry then
            local before = entry[2]
            entry[2], entry[4], entry[5], entry[6] = ARGV[6] ~= '' and ARGV[6] or false, entry[4] or false, HOST, {}
            put(ARGV[5], entry)
            if entry[2] ~= before then
                tell(UPDATED, ARGV[5], entry, NONE)
            end
            result = 1
        end
    elseif task == 'read' then
        result = {}
        local users = redis.call('HGETALL', KEYS[2])
        for i = 1, #users, 2 do
            local entry = decode(users[i + 1])
            result[#result + 1] = {users[i], entry[1], entry[2] or '', entry[3]}
        end
    elseif task == 'check' then
        -- the last revision that was heard of, or empty
        local heard = tonumber(ARGV[5])
        result = redis.call('HLEN', KEYS[4])
        if heard and heard > revision then
            -- It was never given, so it was forged; those behind it would be taken for old.
            revision = heard
            nudge()
            result = -1 - result
        end
    elseif task == 'sync' then
        -- for each connection that there is: connection, user, metadata or empty
        local there = {}
        local isOther = false
        for i = 5, #ARGV, 3 do
            there[ARGV[i]] = true
            local isNew, isNews = add(ARGV[i], ARGV[i + 1], ARGV[i + 2], true)
            result = result + (isNew and 1 or 0)
            isOther = isOther or isNews
        end
        local all = redis.call('HGETALL', KEYS[4])
        for i = 1, #all, 2 do
            if not there[all[i]] then
                drop(all[i], all[i + 1], LOST, 0)
            end
        end
        if result > 0 or isOther then
            nudge()
        end
    elseif task == 'reap' then
        local all = redis.call('HGETALL', KEYS[4])
        for i = 1, #all, 2 do
            drop(all[i], all[i + 1], LOST, 0)
        end
    end
end

local isDone, failure = pcall(work)
if not isDone then
    if not string.find(tostring(failure), UNREADABLE, 1, true) then
        error(failure, 0)
    end
    beginAnew()
    work()
end

counts = counted()
if revision ~= before or kept[2] ~= ARGV[2] or not agree(counts) or counts[3] ~= mine then
    redis.call('HSET', KEYS[1], 'v', string.format('%.0f', revision), 'r', ARGV[2], 'g', generation, 'n', counts[1],
        'a', counts[2])
    if counts[3] > 0 then
        redis.call('HSET', KEYS[1], KEYS[4], counts[3])
    else
        redis.call('HDEL', KEYS[1], KEYS[4])
    end
end

-- A room without anyone in it is forgotten soon, if nothing was ever kept there: anyone may have made up its name. State of
-- history is reset, so that the next script that needs the order keeps it for a day again.
local ttl = META_TTL
if counts[1] == counts[2] then
    local last = redis.call('ZRANGE', KEYS[3], -1, -1, 'WITHSCORES')
    ttl = math.max(math.min((tonumber(last[2]) or now) - now + VACANT_TTL, META_TTL), VACANT_TTL)
    local meta = ask('HMGET', KEYS[5], 'o', 's') or {}
    if meta[1] == '0' and meta[2] then
        redis.call('HSET', KEYS[5], 's', string.rep('\0', 32))
        redis.call('PEXPIRE', KEYS[5], string.format('%.0f', ttl))
    end
elseif wasVacant then
    redis.call('PEXPIRE', KEYS[5], META_TTL)
end
for i = 1, 4 do
    redis.call('PEXPIRE', KEYS[i], string.format('%.0f', ttl))
end
local due = redis.call('ZRANGE', KEYS[3], 0, 0, 'WITHSCORES')
local wait = due[2] and math.max(math.min(tonumber(due[2]) - now, META_TTL), 0) or -1
return {revision, result, wait, changes, generation}
