/** The way to a simulation that was announced, for clients that were made for the venues themselves. */
import { Secret } from '../../domain/secret.ts';
import type { VenueAccess } from '../compose/venues.ts';
import type { Announcement } from '../sim/serve-sim.ts';

/** Nobody else uses the simulated account, so nearly all of its budget is ours. */
const WHOLE_BUDGET = { read: 0.95, write: 0.95, readReserve: 0.2, writeReserve: 0.3 };

export function accessOf({ kalshi, polymarket }: Announcement): VenueAccess {
  const [ours, wallet] = [kalshi.accounts[0], polymarket.accounts[0]];
  if (ours === undefined || wallet === undefined) throw new Error('expected an account at each venue, found none');
  return {
    kalshi: {
      hosts: { restUrl: kalshi.restUrl, socketUrl: kalshi.socketUrl },
      keyId: ours.keyId,
      settings: { shares: WHOLE_BUDGET },
      privateKey: new Secret(ours.privateKeyPem),
    },
    polymarket: {
      hosts: {
        clob: polymarket.clobUrl,
        gamma: polymarket.gammaUrl,
        data: polymarket.dataUrl,
        geoblock: `${polymarket.siteUrl}/api/geoblock`,
        marketSocket: polymarket.marketSocketUrl,
        userSocket: polymarket.userSocketUrl,
      },
      signatureType: 0,
      funder: undefined,
      privateKey: new Secret(wallet.privateKey),
      credentials: {
        apiKey: new Secret(wallet.apiKey),
        secret: new Secret(wallet.apiSecret),
        passphrase: new Secret(wallet.apiPassphrase),
      },
    },
  };
}
