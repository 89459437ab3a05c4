/** What becomes of a request, put on the wire. */
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { ServerAnswer, ServerReply } from '../../domain/ports/local-server.ts';

/** Statuses whose replies have no body and no length (RFC 9110, 6.4.1). */
const WITHOUT_BODY = new Set([204, 304]);

export function giveAnswer(response: ServerResponse, answer: ServerAnswer): void {
  const { socket } = response;
  // The client has gone: nobody is left to answer.
  if (socket === null || socket.destroyed) return;
  switch (answer.kind) {
    case 'reply':
      start(response, answer.reply).end(answer.reply.body);
      return;
    case 'truncate': {
      const body = Buffer.from(answer.reply.body);
      start(response, answer.reply);
      response.flushHeaders();
      if (answer.bytes > 0) response.write(body.subarray(0, answer.bytes));
      // Ends after what was written has left, so that the client sees exactly so many bytes.
      if (answer.bytes < body.length) socket.destroySoon();
      else response.end();
      return;
    }
    case 'reset':
      socket.resetAndDestroy();
      return;
    case 'silence':
      return;
    default:
      throw new Error(`an answer must be of a known kind, found ${JSON.stringify(answer satisfies never)}`);
  }
}

function start(response: ServerResponse, { status, headers, body }: ServerReply): ServerResponse {
  response.sendDate = false;
  const length = WITHOUT_BODY.has(status) ? {} : { 'content-length': Buffer.byteLength(body) };
  return response.writeHead(status, { ...length, ...headers });
}

/** A whole reply as bytes, for a connection that is closed after it. */
export function refusal({ status, headers, body }: ServerReply): string {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'connection: close',
    `content-length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
