/**
 * Both transports over servers in memory, in virtual time: no port, no promise, no bytes, and every fault of the
 * fault list. One network is one way to the servers it knows; two venues that fail apart are two networks.
 *
 * Everything happens from the clock's timers, in one order that depends on nothing but the seed. A connection is
 * open from the start for HTTP, as the real transport keeps it; a socket needs a round trip to open.
 */
import type { HttpTransport } from '../../domain/ports/http.ts';
import type { SocketTransport } from '../../domain/ports/socket.ts';
import type { FaultRule } from './memory-faults.ts';
import { MemoryHttp } from './memory-http.ts';
import { MemorySockets } from './memory-socket.ts';
import { MemoryWire, type WireOptions } from './memory-wire.ts';

export interface MemoryNetworkOptions extends WireOptions {
  /** A longer reply ends as `lost`. Default 1 MiB. */
  readonly replyBytesMax?: number;
}

const MEBIBYTE = 1024 * 1024;

export class MemoryNetwork {
  readonly http: HttpTransport;
  readonly sockets: SocketTransport;
  readonly #wire: MemoryWire;

  constructor(options: MemoryNetworkOptions) {
    this.#wire = new MemoryWire(options);
    this.http = new MemoryHttp(this.#wire, options.replyBytesMax ?? MEBIBYTE);
    this.sockets = new MemorySockets(this.#wire);
  }

  /** Puts a fault in force, from now on. Returns what takes it back: what a partition held is then delivered. */
  inject(rule: FaultRule): () => void {
    return this.#wire.inject(rule);
  }
}
