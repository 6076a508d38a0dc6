-- Where one user is connected.
--
-- KEYS[1] the user's connections, each behind the name of its instance and a blank, by the time at which they came
-- ARGV[1] what to do; ARGV[2] the instance that asks; ARGV[3] what the names of inboxes begin with; the rest belongs to that

local TTL = 3600000

-- What something else has put there is worth nothing: instances put their connections back, as after an eviction.
local kind = redis.call('TYPE', KEYS[1]).ok
if kind ~= 'zset' and kind ~= 'none' then
    redis.call('DEL', KEYS[1])
end

local function instance(member)
    return string.match(member, '^([^ ]*) ') or ''
end

-- Who only looks on, by a pattern, is not counted.
local function hears(name)
    return redis.call('PUBSUB', 'NUMSUB', ARGV[3] .. name)[2] > 0
end

local function all()
    return redis.call('ZRANGE', KEYS[1], 0, -1)
end

-- What counts, oldest first: nobody is kept out by what an instance that does not listen has here. It stays all the same:
-- that one may be cut off, with its connections open, and whoever disconnects them must know that it was not reached.
local function counted()
    local listens = {[ARGV[2]] = true}
    local members = {}
    for _, member in ipairs(all()) do
        local name = instance(member)
        if listens[name] == nil then
            listens[name] = hears(name)
        end
        if listens[name] then
            members[#members + 1] = member
        end
    end
    return members
end

local task = ARGV[1]
if task == 'enter' then
    -- connection, when it came, how many there may be, whether the oldest make way
    -- Answers whether it is in, and those that made way.
    local answer = {1}
    local member = ARGV[2] .. ' ' .. ARGV[4]
    local most = tonumber(ARGV[6])
    if not redis.call('ZSCORE', KEYS[1], member) then
        if redis.call('ZCARD', KEYS[1]) >= most then
            local members = counted()
            local surplus = #members + 1 - most
            if surplus > 0 and ARGV[7] == '0' then
                return {0}
            end
            for i = 1, math.min(surplus, #members) do
                redis.call('ZREM', KEYS[1], members[i])
                answer[#answer + 1] = members[i]
            end
        end
        redis.call('ZADD', KEYS[1], ARGV[5], member)
    end
    redis.call('PEXPIRE', KEYS[1], TTL)
    return answer
elseif task == 'leave' then
    -- connection
    redis.call('ZREM', KEYS[1], ARGV[2] .. ' ' .. ARGV[4])
    return {1}
elseif task == 'put' then
    -- All connections that the instance has: connection, when it came, or empty for one that may be here and may not.
    local has = {}
    for i = 4, #ARGV, 2 do
        local member = ARGV[2] .. ' ' .. ARGV[i]
        has[member] = true
        if ARGV[i + 1] ~= '' then
            redis.call('ZADD', KEYS[1], ARGV[i + 1], member)
        end
    end
    for _, member in ipairs(all()) do
        if instance(member) == ARGV[2] and not has[member] then
            redis.call('ZREM', KEYS[1], member)
        end
    end
    redis.call('PEXPIRE', KEYS[1], TTL)
    return {1}
elseif task == 'signal' then
    -- what is said, and instances that need not be told
    -- Answers the instances that have heard it, and those that have not.
    local done = {[ARGV[2]] = true}
    for i = 5, #ARGV do
        done[ARGV[i]] = true
    end
    local reached, missed = {}, {}
    for _, member in ipairs(all()) do
        local name = instance(member)
        if not done[name] then
            done[name] = true
            if hears(name) then
                redis.call('PUBLISH', ARGV[3] .. name, ARGV[4])
                reached[#reached + 1] = name
            else
                missed[#missed + 1] = name
            end
        end
    end
    return {reached, missed}
end
return redis.error_reply('ERR unknown task')
