/** Private frames as events about our orders and fills, with exact money. Pure. */
import { z } from 'zod';
import type { PrivateEvent } from '../../domain/ports/venue.ts';
import type { PrivateFrame } from './frame.ts';
import { fillOf, orderStateOf, type RequestOf } from './portfolio.ts';
import { instantOfMs, whyMalformed, wireMoney, wirePrice, wireSignedSize, wireSize } from './wire-values.ts';

const fillValues = z.object({ yes_price_dollars: wirePrice, count_fp: wireSize, fee_cost: wireMoney });
const orderValues = z.object({
  yes_price_dollars: wirePrice,
  fill_count_fp: wireSize,
  remaining_count_fp: wireSize,
  initial_count_fp: wireSize,
});
const positionValues = z.object({
  position_fp: wireSignedSize,
  position_cost_dollars: wireMoney,
  realized_pnl_dollars: wireMoney,
  fees_paid_dollars: wireMoney,
});

/** What a private frame says. Positions and order groups say nothing that fills and orders do not say first. */
export function privateEventsOf(frame: PrivateFrame, requestOf: RequestOf): readonly PrivateEvent[] {
  switch (frame.type) {
    case 'fill':
      return fillEvents(frame.message, requestOf);
    case 'user_order':
      return orderEvents(frame.message, requestOf);
    case 'market_position': {
      const values = positionValues.safeParse(frame.message);
      return values.success ? [] : [faultOf(`position in ${frame.message.market_ticker}`, values.error)];
    }
    case 'order_group_updates':
      return [];
  }
}

type MessageOf<Type> = Extract<PrivateFrame, { readonly type: Type }>['message'];

function fillEvents(message: MessageOf<'fill'>, requestOf: RequestOf): readonly PrivateEvent[] {
  const values = fillValues.safeParse(message);
  if (!values.success) return [faultOf(`fill ${message.trade_id} of order ${message.order_id}`, values.error)];
  const fill = fillOf(
    {
      ...values.data,
      trade_id: message.trade_id,
      order_id: message.order_id,
      ticker: message.market_ticker,
      book_side: message.book_side,
      is_taker: message.is_taker,
      clientOrderId: idOf(message.client_order_id),
      venueAt: instantOfMs(message.ts_ms),
    },
    requestOf,
  );
  return [{ kind: 'fill.reported', fill }];
}

function orderEvents(message: MessageOf<'user_order'>, requestOf: RequestOf): readonly PrivateEvent[] {
  const values = orderValues.safeParse(message);
  if (!values.success) return [faultOf(`order ${message.order_id}`, values.error)];
  const order = orderStateOf(
    {
      ...values.data,
      order_id: message.order_id,
      client_order_id: message.client_order_id,
      ticker: message.ticker,
      book_side: message.book_side,
      status: message.status,
      createdAt: message.created_ts_ms === null ? undefined : instantOfMs(message.created_ts_ms),
    },
    requestOf,
  );
  return [{ kind: 'order.reported', order, reason: message.last_update_reason }];
}

/** The venue leaves the key out, or sends an empty text, for an order without a client id. */
function idOf(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function faultOf(what: string, error: z.ZodError): PrivateEvent {
  return { kind: 'private.fault', message: `${what}: ${whyMalformed(error)}` };
}
