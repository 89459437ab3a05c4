/** Takes whatever alerts send, and keeps it. Slow, full and broken receivers are faults: N5, O4, O3. */
import { type AuxiliaryCall, type AuxiliaryParts, AuxiliaryServer, type Handled } from './auxiliary-server.ts';

export class WebhookSink extends AuxiliaryServer {
  constructor(parts: AuxiliaryParts) {
    super('webhook', parts);
  }

  protected handle({ method }: AuxiliaryCall): Handled {
    if (method !== 'POST' && method !== 'PUT') return { status: 405, headers: { allow: 'POST, PUT' }, body: '' };
    return { status: 204, headers: {}, body: '' };
  }
}
