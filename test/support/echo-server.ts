/** A server that does what its client asks for: the smallest thing on which a transport can be tried. */
import type {
  LocalServer,
  ServerAnswer,
  ServerRequest,
  ServerSocket,
  ServerSocketListener,
  UpgradeAnswer,
} from '../../src/domain/ports/local-server.ts';

type Answer = (answer: ServerAnswer) => void;

/**
 * Paths: `/echo` replies with the request as JSON; `/status/<n>`; `/sized/<bytes>`; `/reset`; `/truncate/<bytes>` of a
 * body of 100; `/silence`; `/later` waits until the test answers. Sockets: `/socket` repeats what it hears and obeys
 * `!ping <payload>`, `!close <code> <reason>`, `!cut`, `!last <text>` and `!sized <bytes>`; any other path refuses with 403.
 */
export class EchoServer implements LocalServer {
  readonly requests: ServerRequest[] = [];
  readonly upgrades: ServerRequest[] = [];
  readonly sockets: ServerSocket[] = [];
  /** What sockets reported, in order. */
  readonly events: string[] = [];
  readonly waiting: Answer[] = [];

  onRequest(request: ServerRequest, answer: Answer): void {
    this.requests.push(request);
    const [, word = '', argument = ''] = request.target.split('?')[0]?.split('/') ?? [];
    if (word === 'later') this.waiting.push(answer);
    else answer(answerTo(word, argument, request));
  }

  onUpgrade(request: ServerRequest): UpgradeAnswer {
    this.upgrades.push(request);
    if (!request.target.startsWith('/socket'))
      return { kind: 'refuse', reply: { status: 403, headers: { 'x-why': 'not here' }, body: 'no' } };
    return { kind: 'accept', open: (socket) => this.#listen(socket) };
  }

  #listen(socket: ServerSocket): ServerSocketListener {
    this.sockets.push(socket);
    return {
      onText: (text) => {
        this.events.push(`text ${text}`);
        obey(socket, text);
      },
      onPing: (payload) => this.events.push(`ping ${payload}`),
      onPong: (payload) => this.events.push(`pong ${payload}`),
      onClose: () => this.events.push('close'),
    };
  }
}

function answerTo(word: string, argument: string, request: ServerRequest): ServerAnswer {
  switch (word) {
    case 'echo': {
      const headers = { 'Content-Type': 'application/json', 'X-Path': request.target };
      return { kind: 'reply', reply: { status: 200, headers, body: JSON.stringify(request) } };
    }
    case 'status':
      return { kind: 'reply', reply: { status: Number(argument), headers: { location: '/echo' }, body: '' } };
    case 'sized':
      return { kind: 'reply', reply: { status: 200, headers: {}, body: 'x'.repeat(Number(argument)) } };
    case 'truncate':
      return { kind: 'truncate', reply: { status: 200, headers: {}, body: 'x'.repeat(100) }, bytes: Number(argument) };
    case 'reset':
      return { kind: 'reset' };
    case 'silence':
      return { kind: 'silence' };
    default:
      return { kind: 'reply', reply: { status: 404, headers: {}, body: '' } };
  }
}

function obey(socket: ServerSocket, text: string): void {
  const [word, first = '', ...rest] = text.split(' ');
  if (word === '!ping') socket.ping(first);
  else if (word === '!close') socket.close(Number(first), rest.join(' '));
  else if (word === '!cut') socket.cut();
  else if (word === '!last') {
    socket.send(first);
    socket.cut();
  } else if (word === '!sized') socket.send('x'.repeat(Number(first)));
  else socket.send(text);
}
