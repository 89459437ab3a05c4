/** Worked cases of the ledger: a short history of one event, and what the books then say. */
import {
  formatDecimal,
  parsePrice,
  priceFromText,
  rateFromText,
  sizeFromText,
  usdFromText,
} from '../../../src/domain/decimal.ts';
import type { KalshiFees, PolymarketFees, Role } from '../../../src/domain/fees/fee-schedule.ts';
import { KALSHI_ORDINARY_ACCOUNT, kalshiOrderFee, resolveKalshiFees } from '../../../src/domain/fees/kalshi-fee.ts';
import { polymarketFillFee, resolvePolymarketFees } from '../../../src/domain/fees/polymarket-fee.ts';
import type { Outcome, VenueName } from '../../../src/domain/instrument.ts';
import { type Hedge, hedgeOf, isAsymmetric, legOf, splitPnl } from '../../../src/domain/ledger/hedge.ts';
import { Ledger } from '../../../src/domain/ledger/ledger.ts';
import {
  recordCash,
  recordConfirmation,
  recordFailure,
  recordFill,
  recordMerge,
  recordSettlement,
} from '../../../src/domain/ledger/record.ts';
import type { Level } from '../../../src/domain/ports/market-data.ts';
import {
  addUsd,
  type MicroUsd,
  micros,
  notional,
  PRICE_ONE,
  type PriceE4,
  priceE4,
  rateE6,
} from '../../../src/domain/units.ts';
import type { VectorKind } from '../vector-file.ts';

type Text = string | number;

interface ScenarioEvent {
  readonly op: string;
  readonly venue?: VenueName;
  readonly outcome?: string;
  readonly count?: Text;
  readonly price?: Text;
  readonly role?: Role;
  readonly rate?: Text;
  readonly exponent?: number;
  readonly fee?: Text;
  readonly fee_type?: string;
  readonly fee_multiplier?: Text;
  readonly trade_id?: string;
  readonly result?: Text;
  readonly value?: Text;
  readonly settlement_value?: Text;
}

interface ScenarioInput {
  readonly start: Readonly<Partial<Record<VenueName, Text>>>;
  readonly events: readonly ScenarioEvent[];
}

interface Trade {
  readonly venue: VenueName;
  readonly tradeId: string;
  readonly count: string;
}

const MARKET = 'event';
const AT = micros(0);
const venues: readonly VenueName[] = ['kalshi', 'polymarket'];

function scenario(input: ScenarioInput) {
  const ledger = new Ledger();
  for (const venue of venues) {
    const start = input.start[venue];
    if (start === undefined) continue;
    recordCash(ledger, { id: 'start', venue, account: 'capital', cashMicroUsd: usd(start), at: AT });
  }
  const trades: Trade[] = [];
  let breaker = 'CLOSED';
  for (const [at, event] of input.events.entries()) {
    play(ledger, event, { trades, id: `${at}` });
    if (event.op === 'trade_failed' && isAsymmetric(hedge(ledger))) breaker = 'OPEN:ASYMMETRIC_EXECUTION';
  }
  const traded = venues.filter((venue) => input.start[venue] !== undefined);
  return { ...report(ledger, traded), breaker };
}

function play(ledger: Ledger, event: ScenarioEvent, run: { readonly trades: Trade[]; readonly id: string }): void {
  switch (event.op) {
    case 'buy':
    case 'sell':
      playFill(ledger, event, run);
      return;
    case 'trade_failed':
      recordFailure(ledger, { ...tradeOf(event, run.trades), market: MARKET, at: AT });
      return;
    case 'trade_confirmed':
      recordConfirmation(ledger, { ...tradeOf(event, run.trades), market: MARKET, at: AT });
      return;
    case 'merge':
      recordMerge(ledger, {
        id: run.id,
        venue: event.venue ?? 'polymarket',
        market: MARKET,
        sizeE6: sizeFromText(String(event.count)),
        at: AT,
      });
      return;
    case 'settle':
      for (const venue of event.venue === undefined ? venues : [event.venue]) {
        recordSettlement(ledger, { id: run.id, venue, market: MARKET, yesPayoutE4: payoutOf(event), at: AT });
      }
      return;
    default:
      throw new Error(`no rule for the event ${event.op}`);
  }
}

function playFill(ledger: Ledger, event: ScenarioEvent, run: { readonly trades: Trade[]; readonly id: string }): void {
  const { venue, op } = event;
  if (venue === undefined) throw new Error('a fill needs a venue');
  const level = { priceE4: priceFromText(String(event.price)), sizeE6: sizeFromText(String(event.count)) };
  const tradeId = event.trade_id ?? `event ${run.id}`;
  const direction = op === 'buy' ? 'buy' : 'sell';
  run.trades.push({ venue, tradeId, count: String(event.count) });
  recordFill(ledger, {
    venue,
    market: MARKET,
    outcome: outcomeOf(event),
    tradeId,
    direction,
    sizeE6: level.sizeE6,
    notionalMicroUsd: notional(level.priceE4, level.sizeE6, direction === 'buy' ? 'ceil' : 'floor'),
    feeMicroUsd: feeOf(event, venue, level),
    standing: venue === 'polymarket' ? 'provisional' : 'final',
    at: AT,
  });
}

function feeOf(event: ScenarioEvent, venue: VenueName, level: Level): MicroUsd {
  if (event.fee !== undefined) return usd(event.fee);
  const role = event.role ?? 'taker';
  return venue === 'kalshi'
    ? kalshiOrderFee(kalshiFees(event), role, [level])
    : polymarketFillFee(polymarketFees(event), role, level);
}

function kalshiFees(event: ScenarioEvent): KalshiFees {
  const silent = { feeType: undefined, multiplierE6: undefined };
  const multiplierE6 = rateFromText(String(event.fee_multiplier ?? 1));
  const resolved = resolveKalshiFees(
    {
      series: { feeType: event.fee_type ?? 'quadratic', multiplierE6 },
      seriesChanges: [],
      event: silent,
      eventChanges: [],
      waivedUntilMs: undefined,
      readAtMs: 0,
    },
    { atMs: 0, terms: KALSHI_ORDINARY_ACCOUNT, makerMultiplierE6: undefined },
  );
  if (resolved.kind === 'refused') throw new Error(resolved.reason);
  return resolved.fees;
}

function polymarketFees(event: ScenarioEvent): PolymarketFees {
  const market = {
    rateE6: rateFromText(String(event.rate ?? 0)),
    exponent: event.exponent ?? 1,
    takerOnly: true,
    rebateRateE6: undefined,
  };
  const resolved = resolvePolymarketFees({ market, override: undefined, builderRateE6: rateE6(0), readAtMs: 0 });
  if (resolved.kind === 'refused') throw new Error(resolved.reason);
  return resolved.fees;
}

/** The trade an event is about: by its id, else the newest one of that venue and count. */
function tradeOf(event: ScenarioEvent, trades: readonly Trade[]): Trade {
  const found = trades.findLast(
    (trade) =>
      trade.venue === (event.venue ?? 'polymarket') &&
      (event.trade_id === undefined
        ? event.count === undefined || Number(trade.count) === Number(event.count)
        : trade.tradeId === event.trade_id),
  );
  if (found === undefined) throw new Error(`no trade for the event ${JSON.stringify(event)}`);
  return found;
}

function payoutOf(event: ScenarioEvent): PriceE4 {
  const result = String(event.result ?? '').toUpperCase();
  if (result === 'YES') return PRICE_ONE;
  if (result === 'NO') return priceE4(0);
  return parsePrice(result) ?? priceFromText(String(event.value ?? event.settlement_value));
}

function outcomeOf(event: ScenarioEvent): Outcome {
  return event.outcome?.toUpperCase() === 'NO' ? 'no' : 'yes';
}

function hedge(ledger: Ledger): Hedge {
  const legs = ledger
    .holdings()
    .map((holding) => legOf(holding, { isInverted: false, isProvisional: ledger.isProvisional(holding) }));
  return hedgeOf(legs);
}

function report(ledger: Ledger, traded: readonly VenueName[]) {
  const standing = hedge(ledger);
  const realised = addUsd(...venues.map((venue) => ledger.settledPnl(venue)));
  const pnl = splitPnl(realised, [standing]);
  const [yes, no] = (['yes', 'no'] as const).map((outcome) =>
    ledger.holding({ venue: traded[0] ?? 'kalshi', market: MARKET, outcome }),
  );
  return {
    kalshi: text(ledger.cash('kalshi')),
    polymarket: text(ledger.cash('polymarket')),
    total: text(addUsd(...venues.map((venue) => ledger.cash(venue)))),
    realised_pnl: text(realised),
    fees: text(addUsd(...venues.map((venue) => ledger.balance('fees', venue)))),
    open_pairs: text(standing.pairsE6),
    unhedged_usd: text(standing.unhedgedMicroUsd),
    locked_pnl: text(pnl.whenPairsPayMicroUsd),
    position: text((yes?.sizeE6 ?? 0) - (no?.sizeE6 ?? 0)),
  };
}

export const ledgerKinds: Readonly<Record<string, VectorKind>> = { scenario };

function usd(value: Text): MicroUsd {
  return usdFromText(String(value));
}

function text(micro: number): string {
  return formatDecimal(micro, 6);
}
