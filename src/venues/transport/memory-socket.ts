/** `SocketTransport` to a server in memory. Made by `MemoryNetwork`. */
import { unreachable } from '../../domain/invariant.ts';
import type { LocalServer, ServerSocket, ServerSocketListener } from '../../domain/ports/local-server.ts';
import type { Socket, SocketEnd, SocketListener, SocketRequest, SocketTransport } from '../../domain/ports/socket.ts';
import type { Cargo, Conversation } from './memory-faults.ts';
import type { Pipe } from './memory-pipe.ts';
import { byteLength, lowerCased, type MemoryWire, refusalOf } from './memory-wire.ts';

const NORMAL = 1000;

export class MemorySockets implements SocketTransport {
  readonly #wire: MemoryWire;

  constructor(wire: MemoryWire) {
    this.#wire = wire;
  }

  open(request: SocketRequest, listener: SocketListener): Socket {
    return new MemorySocket(this.#wire, request, listener);
  }
}

/** The client's end. It owns both pipes, and the server's end once there is one. */
class MemorySocket implements Socket {
  readonly #wire: MemoryWire;
  readonly #request: SocketRequest;
  readonly #listener: SocketListener;
  readonly #conversation: Conversation;
  readonly #toServer: Pipe;
  readonly #toClient: Pipe;
  #server: ServerEnd | undefined;
  #standing: 'connecting' | 'open' | 'closing' | 'cut' | 'ended' = 'connecting';

  constructor(wire: MemoryWire, request: SocketRequest, listener: SocketListener) {
    this.#wire = wire;
    this.#request = request;
    this.#listener = listener;
    const url = new URL(request.url);
    const conversation = wire.converse('socket', url);
    this.#conversation = conversation;
    const { toServerMs, toClientMs } = wire.drawDelay();
    let isHandshake = true;
    // The handshake is one exchange; afterwards each frame takes its own time.
    this.#toServer = wire.pipe({
      conversation,
      direction: 'toServer',
      delayMs: () => (isHandshake ? toServerMs : wire.drawDelay().toServerMs),
    });
    this.#toClient = wire.pipe({
      conversation,
      direction: 'toClient',
      delayMs: () => (isHandshake ? toClientMs : wire.drawDelay().toClientMs),
    });
    const server = wire.serverOf(url);
    const refusal = refusalOf(conversation, server);
    if (refusal !== undefined || server === undefined) {
      wire.soon(() => this.#fail(`expected a connection, but ${refusal}`));
      return;
    }
    const deliver = (): void => {
      this.#upgrade(server, url);
      isHandshake = false;
    };
    this.#toServer.push({ cargo: 'control', bytes: 0, deliver });
  }

  get bufferedBytes(): number {
    return this.#toServer.heldBytes;
  }

  send(text: string): boolean {
    if (this.#standing !== 'open') return false;
    this.#say('content', byteLength(text), (server) => server.hear((listener) => listener.onText(text)));
    return true;
  }

  ping(): void {
    if (this.#standing !== 'open') return;
    this.#say('heartbeat', 0, (server) => server.onPing(''));
  }

  close(): void {
    if (this.#standing === 'connecting') this.cut();
    if (this.#standing !== 'open') return;
    this.#standing = 'closing';
    this.#say('control', 0, (server) => {
      server.end();
      this.#toClient.push({ cargo: 'control', bytes: 0, deliver: () => this.#end(closed(NORMAL, '')) });
    });
  }

  cut(): void {
    if (this.#standing === 'cut' || this.#standing === 'ended') return;
    this.#standing = 'cut';
    this.#toClient.stop();
    this.#say('control', 0, (server) => server.end());
    this.#wire.soon(() => this.#end(failed('the connection was cut by us')));
  }

  /** Tells the server's end, if there is one by then. */
  #say(cargo: Cargo, bytes: number, tell: (server: ServerEnd) => void): void {
    const deliver = (): void => {
      if (this.#server !== undefined) tell(this.#server);
    };
    this.#toServer.push({ cargo, bytes, deliver });
  }

  #upgrade(server: LocalServer, url: URL): void {
    const { headers } = this.#request;
    const answer = server.onUpgrade({
      method: 'GET',
      target: url.pathname + url.search,
      headers: { host: url.host, ...lowerCased(headers) },
      body: '',
      remote: this.#wire.remote,
    });
    if (answer.kind === 'refuse') {
      const { status } = answer.reply;
      const end: SocketEnd = { kind: 'refused', code: status, message: `expected an upgrade, found status ${status}` };
      this.#toClient.push({ cargo: 'control', bytes: 0, deliver: () => this.#end(end) });
      return;
    }
    this.#toClient.push({ cargo: 'control', bytes: 0, deliver: () => this.#onOpen() });
    this.#server = new ServerEnd({
      wire: this.#wire,
      conversation: this.#conversation,
      toClient: this.#toClient,
      deliver: (frame) => this.#onFrame(frame),
    });
    this.#server.listener = answer.open(this.#server);
  }

  #onOpen(): void {
    if (this.#standing !== 'connecting') return;
    this.#standing = 'open';
    this.#listener.onOpen();
  }

  #onFrame(frame: Frame): void {
    if (this.#standing === 'cut' || this.#standing === 'ended') return;
    switch (frame.kind) {
      case 'text':
        this.#onText(frame.text);
        return;
      case 'ping':
        this.#say('heartbeat', 0, (server) => server.hear((listener) => listener.onPong(frame.payload)));
        this.#listener.onPing(frame.payload);
        return;
      case 'pong':
        this.#listener.onPong();
        return;
      case 'close':
        this.#say('control', 0, (server) => server.end());
        this.#end(closed(frame.code, frame.reason));
        return;
      case 'cut':
        this.#end(failed('expected a close frame, found the connection broken'));
        return;
      default:
        unreachable(frame, 'a frame');
    }
  }

  #onText(text: string): void {
    const { messageBytesMax } = this.#request;
    if (byteLength(text) <= messageBytesMax) {
      this.#listener.onText(text);
      return;
    }
    this.#say('control', 0, (server) => server.end());
    this.#end(failed(`expected a message of at most ${messageBytesMax} bytes, found a longer one`));
  }

  #fail(message: string): void {
    this.#end(failed(message));
  }

  #end(end: SocketEnd): void {
    if (this.#standing === 'ended') return;
    this.#standing = 'ended';
    this.#toClient.stop();
    this.#listener.onEnd(end);
  }
}

type Frame =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'ping'; readonly payload: string }
  | { readonly kind: 'pong' }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string }
  | { readonly kind: 'cut' };

interface ServerEndOptions {
  readonly wire: MemoryWire;
  readonly conversation: Conversation;
  readonly toClient: Pipe;
  readonly deliver: (frame: Frame) => void;
}

class ServerEnd implements ServerSocket {
  /** Set as soon as the server has taken the socket. */
  listener: ServerSocketListener | undefined;
  readonly #options: ServerEndOptions;
  #standing: 'open' | 'closing' | 'ended' = 'open';
  /** A text that waits for the next one to overtake it. */
  #overtaken: string | undefined;

  constructor(options: ServerEndOptions) {
    this.#options = options;
  }

  get bufferedBytes(): number {
    return this.#options.toClient.unreadBytes;
  }

  send(text: string): void {
    if (this.#standing !== 'open') return;
    const { conversation, wire } = this.#options;
    const reorder = this.#overtaken === undefined ? conversation.strikes('reorder')?.fault : undefined;
    if (reorder?.kind === 'reorder') {
      this.#overtaken = text;
      wire.clock.setTimeout(() => this.#sendOvertaken(), reorder.withinMs);
      return;
    }
    this.#sendText(text);
    this.#sendOvertaken();
  }

  ping(payload: string): void {
    if (this.#standing === 'open') this.#push('heartbeat', { kind: 'ping', payload });
  }

  close(code: number, reason: string): void {
    if (this.#standing !== 'open') return;
    this.#sendOvertaken();
    this.#standing = 'closing';
    this.#push('control', { kind: 'close', code, reason });
  }

  cut(): void {
    if (this.#standing === 'ended') return;
    this.#sendOvertaken();
    this.#push('control', { kind: 'cut' });
    this.#standing = 'closing';
    this.#options.wire.soon(() => this.end());
  }

  /** Something of the client arrived. */
  hear(tell: (listener: ServerSocketListener) => void): void {
    if (this.listener !== undefined && this.#standing !== 'ended') tell(this.listener);
  }

  onPing(payload: string): void {
    if (this.#standing !== 'open') return;
    this.#push('heartbeat', { kind: 'pong' });
    this.hear((listener) => listener.onPing(payload));
  }

  /** The client is gone, or we are: the server hears it once. */
  end(): void {
    if (this.#standing === 'ended') return;
    this.#standing = 'ended';
    this.listener?.onClose();
  }

  #sendOvertaken(): void {
    const text = this.#overtaken;
    this.#overtaken = undefined;
    if (text !== undefined && this.#standing === 'open') this.#sendText(text);
  }

  #sendText(text: string): void {
    const times = this.#options.conversation.strikes('duplicate') === undefined ? 1 : 2;
    for (let time = 0; time < times; time++) this.#push('content', { kind: 'text', text });
  }

  #push(cargo: Cargo, frame: Frame): void {
    const bytes = frame.kind === 'text' ? byteLength(frame.text) : 0;
    this.#options.toClient.push({ cargo, bytes, deliver: () => this.#options.deliver(frame) });
  }
}

function closed(code: number, reason: string): SocketEnd {
  return {
    kind: 'closed',
    code,
    message: reason === '' ? `closed with code ${code}` : `closed with code ${code}: ${reason}`,
  };
}

function failed(message: string): SocketEnd {
  return { kind: 'failed', code: undefined, message };
}
