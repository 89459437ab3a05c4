import type { LocalServer } from '../../src/domain/ports/local-server.ts';
import { seededRandom } from '../../src/domain/seeded-random.ts';
import { VirtualClock } from '../../src/domain/virtual-clock.ts';
import { serve } from '../../src/sim/shell/serve.ts';
import { fixedDelays } from '../../src/venues/transport/memory-delays.ts';
import { MemoryNetwork } from '../../src/venues/transport/memory-network.ts';
import { UndiciHttp } from '../../src/venues/transport/undici-http.ts';
import { WsSockets } from '../../src/venues/transport/ws-socket.ts';
import { describeHttpTransport, describeSocketTransport, type MakeRig } from './transport.contract.ts';

const overLoopback: MakeRig = async (server, { replyBytesMax }) => {
  const served = await serve(server);
  const gone = await serve(server);
  await gone.close();
  const clock = new VirtualClock();
  const http = new UndiciHttp({ clock, replyBytesMax });
  return {
    http,
    sockets: new WsSockets(),
    httpOrigin: served.httpOrigin,
    socketOrigin: served.socketOrigin,
    deadHttpOrigin: gone.httpOrigin,
    deadSocketOrigin: gone.socketOrigin,
    clock,
    until: (promise) => promise,
    close: async () => {
      await http.close();
      await served.close();
    },
  };
};

const inMemory: MakeRig = async (server, { replyBytesMax }) => {
  const clock = new VirtualClock();
  const serverOf = ({ hostname }: URL): LocalServer | undefined => (hostname === 'echo.test' ? server : undefined);
  const delays = fixedDelays(7.3);
  const network = new MemoryNetwork({ clock, random: seededRandom('contract'), serverOf, delays, replyBytesMax });
  return {
    http: network.http,
    sockets: network.sockets,
    httpOrigin: 'https://echo.test',
    socketOrigin: 'wss://echo.test',
    deadHttpOrigin: 'https://dead.test',
    deadSocketOrigin: 'wss://dead.test',
    clock,
    until: async (promise) => {
      // Far less than any time limit, far more than any chain of messages takes.
      await clock.settleBy(200);
      return promise;
    },
    close: () => network.http.close(),
  };
};

describeHttpTransport('undici', overLoopback);
describeHttpTransport('memory', inMemory);
describeSocketTransport('ws', overLoopback);
describeSocketTransport('memory', inMemory);
