/** A wire in memory that can be unplugged and plugged in again. */
import type { LocalServer } from '../../src/domain/ports/local-server.ts';
import { seededRandom } from '../../src/domain/seeded-random.ts';
import type { VirtualClock } from '../../src/domain/virtual-clock.ts';
import { fixedDelays } from '../../src/venues/transport/memory-delays.ts';
import { MemoryNetwork } from '../../src/venues/transport/memory-network.ts';

export class PluggedWire {
  readonly network: MemoryNetwork;
  isPlugged = true;

  constructor(server: LocalServer, clock: VirtualClock, delayMs = 3) {
    this.network = new MemoryNetwork({
      clock,
      random: seededRandom('two venues wire'),
      serverOf: ({ hostname }) => (this.isPlugged && hostname === 'venue.test' ? server : undefined),
      delays: fixedDelays(delayMs),
    });
  }
}

export const HTTP_ORIGIN = 'https://venue.test';
export const SOCKET_ORIGIN = 'wss://venue.test';
