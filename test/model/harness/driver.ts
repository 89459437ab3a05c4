/** What a chart's owner writes: how to make the real world bring an event about, and what must hold afterwards. */
import type { AnyStateMachine } from 'xstate';
import type { Model, ModelEvent, ModelState } from './model.ts';
import type { ModelPath } from './paths.ts';

/**
 * What came of a step. Nothing: the world did exactly this. `took`: the actor received these events instead (none,
 * or several, or with other payloads), and the model follows them. `unrealisable`: the path ends here and is counted.
 */
export type Applied<Machine extends AnyStateMachine> =
  | undefined
  | { readonly took: readonly ModelEvent<Machine>[] }
  | { readonly unrealisable: string };

type Awaitable<T> = T | Promise<T>;

/** One driver lives for one path. */
export interface Driver<Machine extends AnyStateMachine> {
  start(path: ModelPath): Awaitable<void>;
  /** What the actor heard while it was started, where that is anything. */
  begun?(): readonly ModelEvent<Machine>[];
  apply(event: ModelEvent<Machine>, model: ModelState<Machine>): Awaitable<Applied<Machine>>;
  /** Of the real actor, in the words of `stateText`. */
  state(): string;
  /** What must hold after every step; throws where it does not. `model` is where the model stands now. */
  check?(model: ModelState<Machine>): Awaitable<void>;
  /** What must hold when the path is over and the world may come to rest. */
  checkEnd?(model: ModelState<Machine>): Awaitable<void>;
  stop(): Awaitable<void>;
}

export function unrealisable(reason: string): { readonly unrealisable: string } {
  return { unrealisable: reason };
}

export interface PathReport {
  readonly steps: number;
  /** Event and reason of each step that the driver could not realise. */
  readonly unrealisable: readonly { readonly event: string; readonly reason: string }[];
}

/** Runs one path against one driver; a failure names the step and prints the path so that it can be pasted. */
export async function runPath<Machine extends AnyStateMachine>(
  model: Model<Machine>,
  driver: Driver<Machine>,
  path: ModelPath,
): Promise<PathReport> {
  const run = new Run(model, driver, path);
  try {
    await run.start();
    for (const event of path.events) if (!(await run.step(event as ModelEvent<Machine>))) break;
    await run.end();
  } catch (error) {
    throw run.failure(error);
  } finally {
    await driver.stop();
  }
  return run.report();
}

/** The model and the real actor side by side, step by step. */
export class Run<Machine extends AnyStateMachine> {
  readonly #model: Model<Machine>;
  readonly #driver: Driver<Machine>;
  readonly #path: ModelPath;
  readonly #applied: ModelEvent<Machine>[] = [];
  readonly #unrealisable: { event: string; reason: string }[] = [];
  state: ModelState<Machine>;
  #steps = 0;

  constructor(model: Model<Machine>, driver: Driver<Machine>, path: ModelPath) {
    this.#model = model;
    this.#driver = driver;
    this.#path = path;
    this.state = model.start().state;
  }

  async start(): Promise<void> {
    await this.#driver.start(this.#path);
    this.#follow(this.#driver.begun?.() ?? []);
    await this.#compare();
  }

  /** False where the driver could not realise the event: nothing has happened. */
  async step(event: ModelEvent<Machine>): Promise<boolean> {
    this.#applied.push(event);
    const applied = await this.#driver.apply(event, this.state);
    if (applied !== undefined && 'unrealisable' in applied) {
      this.#applied.pop();
      this.#unrealisable.push({ event: (event as { type: string }).type, reason: applied.unrealisable });
      return false;
    }
    this.#follow(applied?.took ?? [event]);
    this.#steps++;
    await this.#compare();
    return true;
  }

  async end(): Promise<void> {
    await this.#driver.checkEnd?.(this.state);
  }

  report(): PathReport {
    return { steps: this.#steps, unrealisable: this.#unrealisable };
  }

  failure(error: unknown): Error {
    const message = error instanceof Error ? error.message : String(error);
    const seed = this.#path.seed === undefined ? '' : `\nseed: '${this.#path.seed}'`;
    const events = this.#applied.map((event) => `  ${JSON.stringify(event)},\n`).join('');
    const text = `${message}\nafter ${this.#applied.length} steps, model in ${this.state.text}${seed}\nreplay: [\n${events}]`;
    return new Error(text, { cause: error });
  }

  #follow(taken: readonly ModelEvent<Machine>[]): void {
    for (const event of taken) this.state = this.#model.step(this.state, event as never).state;
  }

  async #compare(): Promise<void> {
    const found = this.#driver.state();
    if (found !== this.state.text) throw new Error(`expected the actor in ${this.state.text}, found ${found}`);
    await this.#driver.check?.(this.state);
  }
}
