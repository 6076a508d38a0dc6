// Connects with the ws package and tells line by line what came: the size and the hash of each message, pings, pongs, the close.
// "pause" and "resume" on the standard input stop and go on reading; "ping" sends one.
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';

const WebSocket = createRequire(process.argv[2] + '/')('ws');
const socket = new WebSocket(process.argv[3], process.argv.slice(4));
const tell = line => process.stdout.write(line + '\n');

socket.on('open', () => tell(`open ${socket.protocol || '-'}`));
socket.on('message', (data, binary) =>
  tell(`${binary ? 'binary' : 'text'} ${data.length} ${createHash('sha256').update(data).digest('hex')}`));
socket.on('ping', data => tell(`ping ${data.length}`));
socket.on('pong', data => tell(`pong ${data.length}`));
socket.on('close', (code, reason) => {
  tell(`close ${code} ${reason}`);
  process.exit(0);
});
socket.on('error', error => tell(`error ${error.code ?? ''} ${error.message}`));
createInterface({ input: process.stdin })
  .on('line', line => ({ pause: () => socket.pause(), resume: () => socket.resume(), ping: () => socket.ping('x') })[line]())
  .on('close', () => process.exit(1));
