/** Stands before a simulated venue: counts what comes, and bends single answers in ways no simulator has a fault for. */
import type {
  LocalServer,
  ServerAnswer,
  ServerReply,
  ServerRequest,
  UpgradeAnswer,
} from '../../src/domain/ports/local-server.ts';

export class BentServer implements LocalServer {
  /** Everything that came, also what was answered here. */
  readonly requests: ServerRequest[] = [];
  /** Answers in the venue's place. */
  instead: ((request: ServerRequest) => ServerAnswer | undefined) | undefined;
  /** Changes what the venue says after it acted on an order. */
  afterOrder: ((reply: ServerReply) => ServerReply) | undefined;
  readonly #venue: LocalServer;
  readonly #isOrder: (request: ServerRequest) => boolean;

  constructor(venue: LocalServer, isOrder: (request: ServerRequest) => boolean) {
    this.#venue = venue;
    this.#isOrder = isOrder;
  }

  get orders(): readonly ServerRequest[] {
    return this.requests.filter(this.#isOrder);
  }

  onRequest(request: ServerRequest, answer: (answer: ServerAnswer) => void): void {
    this.requests.push(request);
    const own = this.instead?.(request);
    if (own !== undefined) {
      answer(own);
      return;
    }
    this.#venue.onRequest(request, (given) => {
      const bend = this.#isOrder(request) ? this.afterOrder : undefined;
      answer(given.kind === 'reply' && bend !== undefined ? { kind: 'reply', reply: bend(given.reply) } : given);
    });
  }

  onUpgrade(request: ServerRequest): UpgradeAnswer {
    return this.#venue.onUpgrade(request);
  }
}
