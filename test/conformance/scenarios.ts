/** Everything that is claimed, in the order it runs: what compares with the tape comes after what fills it. */
import type { Scenario } from './checks.ts';
import { ERRORS } from './kalshi/errors.ts';
import { MARKET_DATA } from './kalshi/market-data.ts';
import { NEWS } from './kalshi/news.ts';
import { ORDER_CHANGES } from './kalshi/order-changes.ts';
import { ORDERS } from './kalshi/orders.ts';
import { PORTFOLIO } from './kalshi/portfolio.ts';
import { RECORDINGS } from './kalshi/recordings.ts';
import { SAMPLES } from './kalshi/samples.ts';
import { SOCKETS } from './kalshi/sockets.ts';
import { CLIENT } from './polymarket/client.ts';
import { ORDERS as POLYMARKET_ORDERS } from './polymarket/orders.ts';
import { RECORDINGS as POLYMARKET_RECORDINGS } from './polymarket/recordings.ts';
import { REFUSALS } from './polymarket/refusals.ts';
import { RETIRED } from './polymarket/retired.ts';
import { SAMPLES as POLYMARKET_SAMPLES } from './polymarket/samples.ts';
import { SOCKETS as POLYMARKET_SOCKETS } from './polymarket/sockets.ts';
import { VERSIONS } from './polymarket/versions.ts';

const KALSHI = [...MARKET_DATA, ...ORDERS, ...ORDER_CHANGES, ...PORTFOLIO, ...ERRORS, ...SOCKETS, ...NEWS];
const POLYMARKET = [...CLIENT, ...POLYMARKET_ORDERS, ...VERSIONS, ...REFUSALS, ...POLYMARKET_SOCKETS, ...RETIRED];

export const SCENARIOS: readonly Scenario[] = [
  ...KALSHI,
  ...RECORDINGS,
  ...SAMPLES,
  ...POLYMARKET,
  ...POLYMARKET_RECORDINGS,
  ...POLYMARKET_SAMPLES,
];
