import { kalshiProfile, kalshiRig } from './kalshi-rig.ts';
import { paperProfile, paperRig } from './paper-rig.ts';
import { polymarketProfile, polymarketRig } from './polymarket-rig.ts';
import { inMemory, overLoopback } from './rig-wire.ts';
import { describeVenue } from './venue.contract.ts';
import type { KnownDifference } from './venue-claims.ts';

/** Claims that an implementation does not meet yet. Each is run, and must fail until it is mended. */
const KNOWN_DIFFERENCES: readonly KnownDifference[] = [];

const differences = KNOWN_DIFFERENCES;

describeVenue('Kalshi in memory', { profile: kalshiProfile, makeRig: kalshiRig(inMemory), differences });
describeVenue('Kalshi over loopback', { profile: kalshiProfile, makeRig: kalshiRig(overLoopback), differences });
describeVenue('Polymarket in memory', { profile: polymarketProfile, makeRig: polymarketRig(inMemory), differences });
describeVenue('Kalshi as it also was seen', {
  profile: kalshiProfile,
  makeRig: kalshiRig(inMemory, {
    fillOrKillAnswer: 'zeroFill',
    postOnlyCross: 'cancel',
    restingOrdersReserve: true,
    feeRounding: 'fourDecimals',
    cancelsInExchangePause: true,
  }),
  differences,
});
describeVenue('Polymarket as it also was seen', {
  profile: polymarketProfile,
  makeRig: polymarketRig(inMemory, {
    finishedOrders: 'dropped',
    tradeGrouping: 'perMatch',
    ledgerMovesAt: 'CONFIRMED',
    inlineHashes: true,
    buyBudget: false,
  }),
  differences,
});
describeVenue('Polymarket over loopback', {
  profile: polymarketProfile,
  makeRig: polymarketRig(overLoopback),
  differences,
});
describeVenue('Paper over live books', { profile: paperProfile, makeRig: paperRig, differences });
