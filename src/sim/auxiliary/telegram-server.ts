/**
 * The part of the Telegram Bot API that alerts and chat commands need: getMe, getUpdates with long polls, sendMessage,
 * editMessageText, answerCallbackQuery. People in the chat are scripted with `say` and `press`.
 */
import type { Timer } from '../../domain/ports/clock.ts';
import type { ServerReply } from '../../domain/ports/local-server.ts';
import { type AuxiliaryCall, type AuxiliaryParts, AuxiliaryServer, type Handled, json } from './auxiliary-server.ts';
import { htmlProblem, plainText } from './telegram-html.ts';

export interface TelegramOptions extends AuxiliaryParts {
  readonly token: string;
  readonly chatId: number;
  readonly userId: number;
}

export interface SentMessage {
  readonly messageId: number;
  readonly chatId: number;
  readonly text: string;
  readonly parseMode: string | undefined;
  readonly replyMarkup: unknown;
  readonly atMs: number;
}

type Fields = Readonly<Record<string, unknown>>;
interface Update extends Fields {
  readonly update_id: number;
}

const BOT_ID = 7_000_000_001;
const TEXT_LENGTH_MAX = 4_096;
const PLACE_OF_A_PERSON = { is_bot: false, first_name: 'Operator', username: 'operator' };

export class TelegramServer extends AuxiliaryServer {
  readonly #options: TelegramOptions;
  readonly #sent: SentMessage[] = [];
  readonly #answered: { readonly id: string; readonly text: string | undefined }[] = [];
  #updates: Update[] = [];
  #nextUpdate = 100_000_001;
  #nextMessage = 1;
  #poll: { readonly finish: () => void; readonly conflict: () => void } | undefined;

  constructor(options: TelegramOptions) {
    super('telegram', options);
    this.#options = options;
  }

  /** A person writes into the chat; by default the one that may. */
  say(text: string, userId = this.#options.userId): void {
    const commands = text.startsWith('/')
      ? [{ offset: 0, length: text.split(' ')[0]?.length, type: 'bot_command' }]
      : [];
    this.#publish({
      message: {
        message_id: this.#nextMessage++,
        from: { id: userId, ...PLACE_OF_A_PERSON },
        chat: this.#chat(),
        date: this.#seconds(),
        text,
        ...(commands.length > 0 ? { entities: commands } : {}),
      },
    });
  }

  /** A person presses a button of a message. */
  press(callbackData: string, messageId: number, userId = this.#options.userId): void {
    this.#publish({
      callback_query: {
        id: String(this.#nextUpdate * 1_000),
        from: { id: userId, ...PLACE_OF_A_PERSON },
        message: { message_id: messageId, chat: this.#chat(), date: this.#seconds() },
        chat_instance: '1',
        data: callbackData,
      },
    });
  }

  sent(): readonly SentMessage[] {
    return this.#sent;
  }

  answeredCallbacks(): readonly { readonly id: string; readonly text: string | undefined }[] {
    return this.#answered;
  }

  protected handle(call: AuxiliaryCall): Handled {
    const [, token, method] = /^\/bot([^/]+)\/(\w+)$/.exec(call.path) ?? [];
    if (token === undefined || method === undefined) return refusal(404, 'Not Found');
    if (token !== this.#options.token) return refusal(401, 'Unauthorized');
    const fields = fieldsOf(call);
    switch (method.toLowerCase()) {
      case 'getme':
        return done({
          id: BOT_ID,
          is_bot: true,
          first_name: 'Tandem',
          username: 'tandem_simulated_bot',
          can_join_groups: true,
        });
      case 'getupdates':
        return this.#getUpdates(fields);
      case 'sendmessage':
        return this.#send(fields);
      case 'editmessagetext':
        return this.#send(fields, Number(fields.message_id));
      case 'answercallbackquery':
        this.#answered.push({ id: String(fields.callback_query_id), text: textOf(fields.text) });
        return done(true);
      case 'deletewebhook':
        return done(true);
      default:
        return refusal(404, 'Not Found');
    }
  }

  protected override tooMany(retryAfterSeconds: number): ServerReply {
    const description = `Too Many Requests: retry after ${retryAfterSeconds}`;
    return json({ ok: false, error_code: 429, description, parameters: { retry_after: retryAfterSeconds } }, 429);
  }

  #getUpdates(fields: Fields): Handled {
    const offset = Number(fields.offset ?? 0);
    // What lies before the offset was taken.
    if (offset > 0) this.#updates = this.#updates.filter((update) => update.update_id >= offset);
    const limit = Math.min(100, Number(fields.limit ?? 100));
    const waitMs = Math.min(50, Number(fields.timeout ?? 0)) * 1_000;
    this.#poll?.conflict();
    if (this.#updates.length > 0 || waitMs <= 0) return done(this.#updates.slice(0, limit));
    return { later: (give) => this.#wait(give, { waitMs, limit }) };
  }

  /** A second poll ends the first, as at the real one. */
  #wait(
    give: (reply: ServerReply) => void,
    { waitMs, limit }: { readonly waitMs: number; readonly limit: number },
  ): void {
    const end = (timer: Timer, reply: ServerReply): void => {
      this.clock.clearTimeout(timer);
      this.#poll = undefined;
      give(reply);
    };
    const finish = (): void => end(timer, done(this.#updates.slice(0, limit)));
    const timer: Timer = this.clock.setTimeout(() => finish(), waitMs);
    const text = 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running';
    this.#poll = { finish, conflict: () => end(timer, refusal(409, text)) };
  }

  #send(fields: Fields, messageId?: number): ServerReply {
    const text = textOf(fields.text) ?? '';
    if (text === '') return refusal(400, 'Bad Request: message text is empty');
    if (Number(fields.chat_id) !== this.#options.chatId) return refusal(400, 'Bad Request: chat not found');
    const parseMode = textOf(fields.parse_mode);
    const problem = parseMode?.toUpperCase() === 'HTML' ? htmlProblem(text) : undefined;
    if (problem !== undefined) return refusal(400, `Bad Request: can't parse entities: ${problem}`);
    const shown = parseMode?.toUpperCase() === 'HTML' ? plainText(text) : text;
    if (shown.length > TEXT_LENGTH_MAX) return refusal(400, 'Bad Request: message is too long');
    const id = messageId ?? this.#nextMessage++;
    const replyMarkup = fields.reply_markup;
    this.#sent.push({ messageId: id, chatId: this.#options.chatId, text, parseMode, replyMarkup, atMs: this.nowMs() });
    return done({
      message_id: id,
      from: { id: BOT_ID, is_bot: true, first_name: 'Tandem', username: 'tandem_simulated_bot' },
      chat: this.#chat(),
      date: this.#seconds(),
      text: shown,
    });
  }

  #publish(content: Fields): void {
    this.#updates.push({ update_id: this.#nextUpdate++, ...content });
    this.#poll?.finish();
  }

  #chat(): Fields {
    return { id: this.#options.chatId, type: 'private', first_name: 'Operator' };
  }

  #seconds(): number {
    return Math.floor(this.nowMs() / 1_000);
  }
}

/** From the query, a form or JSON: the Bot API takes all three. */
function fieldsOf({ query, body, headers }: AuxiliaryCall): Fields {
  const fromQuery = Object.fromEntries(query);
  if (body === '') return fromQuery;
  if ((headers['content-type'] ?? '').includes('x-www-form-urlencoded'))
    return { ...fromQuery, ...Object.fromEntries(new URLSearchParams(body)) };
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? { ...fromQuery, ...value } : fromQuery;
  } catch {
    // The Bot API takes a body that it cannot read for none.
    return fromQuery;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function done(result: unknown): ServerReply {
  return json({ ok: true, result });
}

function refusal(status: number, description: string): ServerReply {
  return json({ ok: false, error_code: status, description }, status);
}
