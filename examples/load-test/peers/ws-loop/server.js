'use strict';

// The room loop as one writes it with ws: one JSON.stringify for a message, one send for each member.

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
  room.clients.add(client);
  client.send(JSON.stringify({ type: 'user_joined', userId, timestamp: Date.now(), room: name }));

  client.on('message', data => {
    const { content } = JSON.parse(data);
    const text = JSON.stringify({
      type: 'chat', userId, content, timestamp: Date.now(), room: name, epoch: room.epoch, offset: ++room.offset,
    });
    for (const member of room.clients) {
      member.send(text);
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
    room = { clients: new Set(), epoch: randomBytes(8).toString('hex'), offset: 0 };
    rooms.set(name, room);
  }
  return room;
}

// Whoever started this ends it by closing its standard input.
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
