/**
 * Our orders and fills over one socket. These channels carry no sequence and repeat nothing, so a
 * subscription that is refused or dies ends the connection: whoever owns it connects again and reads by
 * REST what was missed. No timer, no reconnect.
 */
import type { PrivateEvent, Stream, StreamListener } from '../../domain/ports/venue.ts';
import { Connection, type ConnectionGiven } from './connection.ts';
import type { KalshiFrame } from './frame.ts';
import { parseKalshiFrame } from './parse.ts';
import type { RequestOf } from './portfolio.ts';
import { privateEventsOf } from './private-events.ts';

const CHANNELS = ['fill', 'user_orders'] as const;

export class PrivateStream implements Stream {
  readonly #listener: StreamListener<PrivateEvent>;
  readonly #connection: Connection;
  readonly #requestOf: RequestOf;
  readonly #unanswered = new Set<string>(CHANNELS);

  /**
   * The listener hears `onOpen` when both channels are subscribed and not before: only from then on is
   * nothing skipped, and a read by REST that came earlier could miss a fill between the two.
   */
  constructor(given: ConnectionGiven, requestOf: RequestOf, listener: StreamListener<PrivateEvent>) {
    this.#listener = listener;
    this.#requestOf = requestOf;
    this.#connection = new Connection(given, {
      onOpen: () => this.#connection.command('subscribe', { channels: CHANNELS }),
      onAlive: () => listener.onAlive(),
      onText: (text) => this.#onFrame(parseKalshiFrame(text, { useYesPrice: false })),
      onEnd: (end) => listener.onEnd(end),
    });
  }

  /** The channels cover every market of the account. */
  subscribe(): void {
    return;
  }

  unsubscribe(): void {
    return;
  }

  /** There is nothing to ask again: what was missed is read by REST. */
  requestSnapshots(): boolean {
    return false;
  }

  heartbeat(): void {
    this.#connection.ping();
  }

  close(): void {
    this.#connection.close();
  }

  #onFrame(frame: KalshiFrame): void {
    switch (frame.kind) {
      case 'private':
        for (const event of privateEventsOf(frame, this.#requestOf)) this.#listener.onEvent(event);
        return;
      case 'subscribed':
        if (this.#unanswered.delete(frame.channel) && this.#unanswered.size === 0) this.#listener.onOpen();
        return;
      case 'error':
        this.#end(`the venue reports error ${frame.code} ${JSON.stringify(frame.message.slice(0, 120))}`);
        return;
      case 'unsubscribed':
        this.#end('a private channel was unsubscribed, and not by us');
        return;
      case 'malformed':
        this.#fault(frame.message);
        return;
      case 'unknownKind':
        this.#fault(`expected a known type of message, found ${JSON.stringify(frame.type.slice(0, 40))}`);
        return;
      default:
        // Answers, and market data that nobody asked for on this socket, say nothing about us.
        return;
    }
  }

  #end(message: string): void {
    this.#fault(message);
    this.#connection.close();
  }

  #fault(message: string): void {
    this.#listener.onEvent({ kind: 'private.fault', message });
  }
}
