-- Reads the top of a room's order, and the batches that follow an offset.
--
-- KEYS[3] users that are in the room
-- ARGV[4] the offset, empty to begin with the oldest; ARGV[5] how many messages are enough, 0 for the top alone
-- ARGV[6], [7], [8] leave out what is beyond: messages, age in ms, bytes; each empty for no limit
-- ARGV[9] 1 to leave out other epochs than the newest
--
-- Answers epoch, offset, the offset behind which the epoch began, bytes so far, time, whether there is more, and the batches, of which the first may begin too early.

local ENOUGH_BYTES = 1048576
local PAGE = 16
local VACANT_TTL = 300000

local epoch, offset, began, total, trimmed, touched, streamTouched = order('l', function(text)
    return isOffset(tonumber(text))
end)
if offset == 0 and redis.call('EXISTS', KEYS[3]) == 0 then
    -- Nothing was ever kept here and nobody is here: not worth a day. The roster keeps it for longer when someone comes.
    redis.call('PEXPIRE', KEYS[1], VACANT_TTL)
elseif math.abs(now - touched) > META_TTL / 24 then
    redis.call('HSET', KEYS[1], 's', struct.pack(STATE, total, trimmed, touch(touched), streamTouched))
end

local enough = tonumber(ARGV[5])
local from = tonumber(ARGV[4]) or 0
if ARGV[6] ~= '' then
    from = math.max(from, offset - tonumber(ARGV[6]))
end
local age = tonumber(ARGV[7])
local bytes = tonumber(ARGV[8])

local batches = {}
local found = 0
local size = 0
local more = 0
local start = '(' .. whole(from) .. '-0'
local done = enough == 0
while not done do
    -- Of what is no stream nothing is read; the next batch replaces it.
    local entries = ask('XRANGE', KEYS[2], start, '+', 'COUNT', PAGE)
    done = #entries < PAGE
    for _, entry in ipairs(entries) do
        local batch = entry[2][2]
        if found >= enough or size >= ENOUGH_BYTES then
            more = 1
            done = true
            break
        end
        local ours, of, first, millis, upTo = pcall(header, batch)
        local kept = ours and (not age or now - millis < age) and (not bytes or total - upTo < bytes)
        if kept and (ARGV[9] ~= '1' or of == epoch) then
            local last = tonumber(string.match(entry[1], '^%d+'))
            batches[#batches + 1] = batch
            found = found + last - math.max(first, from + 1) + 1
            size = size + #batch
        end
        start = '(' .. entry[1]
    end
end
return {epoch, offset, tonumber(began or '0'), total, now, more, batches}
