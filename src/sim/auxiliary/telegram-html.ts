/** What the Bot API says about a text with `parse_mode: "HTML"`: the first thing that it cannot parse, or nothing. */

const TAGS = new Set([
  'b',
  'strong',
  'i',
  'em',
  'u',
  'ins',
  's',
  'strike',
  'del',
  'span',
  'tg-spoiler',
  'a',
  'code',
  'pre',
  'blockquote',
]);

export function htmlProblem(text: string): string | undefined {
  const open: string[] = [];
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) {
    const end = text.indexOf('>', at);
    const offset = Buffer.byteLength(text.slice(0, at));
    if (end < 0) return `Unclosed start tag at byte offset ${offset}`;
    const inside = text.slice(at + 1, end);
    const name = /^\/?([a-z-]+)/i.exec(inside)?.[1]?.toLowerCase() ?? '';
    if (!TAGS.has(name)) return `Unsupported start tag "${name}" at byte offset ${offset}`;
    if (!inside.startsWith('/')) {
      open.push(name);
      continue;
    }
    const expected = open.pop();
    if (expected === undefined) return `Unexpected end tag at byte offset ${offset}`;
    if (expected !== name)
      return `Unmatched end tag at byte offset ${offset}, expected "</${expected}>", found "</${name}>"`;
  }
  const left = open.pop();
  return left === undefined ? undefined : `Can't find end tag corresponding to start tag "${left}"`;
}

/** What a person sees. */
export function plainText(html: string): string {
  return html
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}
