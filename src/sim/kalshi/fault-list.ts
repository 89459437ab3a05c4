/** Every fault that this venue can be told to have: where it strikes and what it may be told. */

export interface FaultDescription {
  readonly id: string;
  /** Values of `match.step` at which it strikes. */
  readonly steps: readonly (
    | 'request'
    | 'create'
    | 'cancel'
    | 'upgrade'
    | 'command'
    | 'subscribe'
    | 'frame'
    | 'ping'
    | 'fill'
    | 'determine'
  )[];
  readonly what: string;
  /** With their defaults. */
  readonly parameters: readonly string[];
}

const at = (id: string, steps: FaultDescription['steps'], what: string, ...parameters: string[]): FaultDescription => ({
  id,
  steps,
  what,
  parameters,
});

export const KALSHI_FAULTS: readonly FaultDescription[] = [
  at(
    'N1',
    ['request', 'upgrade', 'frame'],
    'partition: silence over REST, a stalled socket',
    'direction=both|in|out',
    'durationMs=for ever (socket)',
  ),
  at('N2', ['request', 'command'], 'what the client writes vanishes'),
  at('N3', ['frame'], 'open socket, pings answered, no data', 'durationMs=for ever'),
  at('N4', ['ping'], 'data without heartbeats'),
  at('N5', ['request', 'frame'], 'latency spike', 'delayMs=10000'),
  at('N6', ['request', 'frame'], 'reset after the request was taken; socket cut without a close frame'),
  at('N7', ['request', 'frame'], 'reset in the middle of a body; socket cut', 'bytes=half of the body'),
  at('N8', ['request', 'upgrade'], 'no connection: reset before anything arrived'),
  at('N9', ['upgrade'], 'upgrade answered with 502; five failures in a row with times=5'),
  at('N10', ['subscribe'], 'subscription never acknowledged'),
  at('N11', ['request', 'upgrade', 'frame'], 'one of REST and socket is dead: choose with match.step'),
  at('N12', ['request'], 'dead from right after a request on', 'durationMs=10000'),
  at('D1', ['frame'], 'frame twice'),
  at('D2', ['frame'], 'frame after the next one'),
  at('D3', ['frame'], 'frame counted and lost'),
  at('D4', ['frame'], 'an old snapshot in mid-stream'),
  at('D5', ['frame'], 'delta takes a level below zero'),
  at('D6', ['frame'], 'delta crosses the book'),
  at('D7', ['frame'], 'stale times on a fresh frame', 'ageMs=20000'),
  at('D8', ['frame'], 'the price grid changes in session', 'structure=deci_cent'),
  at('D9', ['request'], 'the market pauses or closes before the request is handled', 'how=pause|close'),
  at('D10', ['frame'], 'malformed field', 'kind=unknownField|null|number|NaN', 'field=the first decimal text'),
  at('D11', ['frame'], 'frame about a market that was never listed'),
  at('D12', ['frame'], 'snapshot without sides instead of a book frame'),
  at('D13', ['frame'], 'placeholder quotes in the ticker'),
  at('D14', ['frame'], 'flood of true frames', 'count=10000'),
  at('O1', ['request'], 'done, and no answer ever'),
  at('O2', ['request'], 'never arrived, and no answer ever'),
  at('O3', ['request'], 'done, and answered with an error of the server', 'status=502'),
  at('O4', ['request'], '429', 'retryAfterSeconds=absent'),
  at('O6', ['create'], 'fill-or-kill killed'),
  at('O7', ['create'], 'fill-or-kill killed; set it at both venues'),
  at('O8', ['create'], 'fill-or-kill filled in part', 'share=0.5', 'gridE6=10000'),
  at('O9', ['request'], 'the events overtake the answer', 'delayMs=500'),
  at('O10', ['frame'], 'fill event twice'),
  at('O11', ['cancel'], 'fill after the acknowledged cancel', 'delayMs=500', 'sizeE6=what was canceled'),
  at('O12', ['request'], 'cancel lost', 'acknowledged=false'),
  at('O13', ['request'], 'placed, and answered as a duplicate'),
  at('O14', ['request'], 'arrives long after everyone gave it up', 'delayMs=30000'),
  at('O15', ['create'], 'filled at a better price than shown', 'improveE4=100'),
  at('O16', ['create'], 'filled in part, in hundredths', 'share=0.37'),
  at('O17', ['create'], 'filled beyond its size', 'sizeE6=1000000'),
  at('O18', ['create'], 'insufficient balance'),
  at('O20', ['request'], '401 for an order', 'code=header_timestamp_expired'),
  at('O21', ['create'], 'the order group is triggered just before'),
  at(
    'O22',
    ['create'],
    'other fee parameters just before the match',
    'feeType=quadratic_with_maker_fees',
    'feeMultiplier=2',
  ),
  at('C5', ['determine'], 'the result is disputed'),
  at('C6', ['determine'], 'the opposite result'),
  at('C7', ['determine'], 'a fair price instead of a result', 'valueE4=5000'),
  at('T1', ['request'], 'the venue clock is off', 'skewMs=30000'),
  at('T2', ['request'], 'the venue clock is stepped back', 'stepMs=60000'),
  at('T6', ['frame'], 'seconds for milliseconds and the reverse'),
  at('T7', ['request'], 'maintenance begins', 'durationMs=7200000'),
  at('V1', ['frame'], 'buffer overflow: terminal error 25'),
  at('V2', ['frame'], 'channel error: terminal error 10'),
  at('V3', ['fill'], 'the private fill before the public trade'),
  at('V4', ['request'], 'one shard goes down', 'exchangeIndex=0'),
];
