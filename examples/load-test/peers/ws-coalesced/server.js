'use strict';

// The room loop on ws with the sending done by hand: a message becomes a frame once, and all frames of one turn of the
// event loop go to each member's socket in one write.

const { randomBytes } = require('node:crypto');
const { WebSocketServer } = require('ws');

const rooms = new Map();
const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });

server.on('listening', () => console.log(`port ${server.address().port}`));

server.on('connection', (client, request) => {
  const query = new URL(request.url, 'ws://here').searchParams;
  const userId = query.get('user');
  const name = query.get('room');
  const room = roomOf(name);
  client.send(JSON.stringify({ type: 'user_joined', userId, timestamp: Date.now(), room: name }));
  // What waits is from before this client came.
  flush(room);
  room.clients.add(client);

  client.on('message', data => {
    const { content } = JSON.parse(data);
    const text = JSON.stringify({
      type: 'chat', userId, content, timestamp: Date.now(), room: name, epoch: room.epoch, offset: ++room.offset,
    });
    if (room.waiting.push(frameOf(text)) === 1) {
      setImmediate(flush, room);
    }
  });

  client.on('close', () => {
    room.clients.delete(client);
    if (room.clients.size === 0) {
      rooms.delete(name);
    }
  });

  client.on('error', () => client.terminate());
});

function roomOf(name) {
  let room = rooms.get(name);
  if (!room) {
    room = { clients: new Set(), epoch: randomBytes(8).toString('hex'), offset: 0, waiting: [] };
    rooms.set(name, room);
  }
  return room;
}

function flush(room) {
  if (room.waiting.length === 0) {
    return;
  }
  const frames = Buffer.concat(room.waiting);
  room.waiting = [];
  for (const member of room.clients) {
    if (member.readyState === member.OPEN) {
      member._socket.write(frames);
    }
  }
}

// RFC 6455 section 5.2: a whole text message from a server, so without a mask.
function frameOf(text) {
  const length = Buffer.byteLength(text);
  const head = length < 126 ? 2 : length < 65536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + length);
  frame[0] = 0x81;
  if (head === 2) {
    frame[1] = length;
  } else if (head === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, head);
  return frame;
}

// Whoever started this ends it by closing its standard input.
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
