/**
 * One connection to the user channel: our orders and trades as they change. Its first frame carries the raw
 * credentials and is never shown to anyone. There is no replay: after a new connection the owner reads orders and
 * trades again.
 */
import { unreachable } from '../../domain/invariant.ts';
import type { Socket, SocketTransport } from '../../domain/ports/socket.ts';
import type { PrivateEvent, Stream, StreamListener } from '../../domain/ports/venue.ts';
import type { L2Authenticator } from './l2-auth.ts';
import { whyNot } from './order-book.ts';
import { orderStateOf, reasonOf } from './order-state.ts';
import type { PolymarketSettings } from './presets.ts';
import { orderRecord, tradeRecord } from './rest-wire.ts';
import { PING } from './socket.ts';
import { fillsOf, type OwnMarks } from './trade-fills.ts';
import { harmlessNotices } from './wire.ts';

export interface UserStreamOptions {
  readonly transport: SocketTransport;
  readonly settings: Pick<PolymarketSettings, 'hosts' | 'messageBytesMax'>;
  readonly authenticator: L2Authenticator;
  readonly marks: OwnMarks;
}

export function openUserStream(options: UserStreamOptions, listener: StreamListener<PrivateEvent>): Stream {
  return new UserStream(options, listener);
}

class UserStream implements Stream {
  readonly #socket: Socket;
  #isOpen = false;

  constructor(options: UserStreamOptions, listener: StreamListener<PrivateEvent>) {
    const { transport, settings, authenticator, marks } = options;
    this.#socket = transport.open(
      { url: settings.hosts.userSocket, headers: {}, messageBytesMax: settings.messageBytesMax },
      {
        onOpen: () => {
          this.#isOpen = true;
          // Without `markets` the channel covers every market of the account.
          this.#socket.send(JSON.stringify({ auth: authenticator.userStreamAuth(), type: 'user' }));
          listener.onOpen();
        },
        onText: (text) => {
          listener.onAlive();
          for (const event of privateEventsOf(text, marks)) listener.onEvent(event);
        },
        onPing: () => listener.onAlive(),
        onPong: () => listener.onAlive(),
        onEnd: (end) => {
          this.#isOpen = false;
          listener.onEnd(end);
        },
      },
    );
  }

  /** The channel covers every market from its first frame on. */
  subscribe(): void {
    return;
  }

  unsubscribe(): void {
    return;
  }

  requestSnapshots(): boolean {
    return false;
  }

  heartbeat(): void {
    if (this.#isOpen) this.#socket.send(PING);
  }

  close(): void {
    this.#socket.close();
  }
}

/** The events of one text frame: an object, a list of them, or plain text. Never throws. */
export function privateEventsOf(text: string, marks: OwnMarks): readonly PrivateEvent[] {
  if (harmlessNotices.has(text.trim())) return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Plain text is not quoted: an answer to the first frame could repeat what it was asked with.
    return [fault(`expected JSON or PONG, found ${text.length} other characters`)];
  }
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return items.flatMap((item) => eventsOf(item, marks));
}

function eventsOf(item: unknown, marks: OwnMarks): readonly PrivateEvent[] {
  const kind = kindOf(item);
  switch (kind) {
    case 'order': {
      const parsed = orderRecord.safeParse(item);
      if (!parsed.success) return [fault(`order event: ${whyNot(parsed.error)}`)];
      const order = orderStateOf(parsed.data);
      if (typeof order === 'string') return [fault(order)];
      return [{ kind: 'order.reported', order, reason: reasonOf(parsed.data) }];
    }
    case 'trade': {
      const parsed = tradeRecord.safeParse(item);
      if (!parsed.success) return [fault(`trade event: ${whyNot(parsed.error)}`)];
      const fills = fillsOf(parsed.data, marks);
      if (typeof fills === 'string') return [fault(fills)];
      if (fills.length === 0) return [fault(`trade ${parsed.data.id}: expected an order of ours in it, found none`)];
      return fills.map((fill): PrivateEvent => ({ kind: 'fill.reported', fill }));
    }
    case 'unknown':
      return [fault('expected an order or a trade event, found another kind')];
    default:
      return unreachable(kind, 'a user event');
  }
}

/** Older frames carry only `type`: TRADE, or one of the three of an order. */
function kindOf(item: unknown): 'order' | 'trade' | 'unknown' {
  if (typeof item !== 'object' || item === null) return 'unknown';
  const { event_type: eventType, type } = item as Readonly<Record<string, unknown>>;
  if (eventType === 'order' || eventType === 'trade') return eventType;
  if (eventType !== undefined) return 'unknown';
  if (type === 'TRADE') return 'trade';
  return type === 'PLACEMENT' || type === 'UPDATE' || type === 'CANCELLATION' ? 'order' : 'unknown';
}

function fault(message: string): PrivateEvent {
  return { kind: 'private.fault', message };
}
