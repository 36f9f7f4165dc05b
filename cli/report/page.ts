const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 900px; margin: 2rem auto; padding: 0 1rem }
svg { width: 100%; height: auto } svg text { font-size: 11px; fill: currentColor }
figure { margin: 0 }
.grid { stroke: currentColor; opacity: .15 } .curve { fill: none; stroke-width: 1.6 }
.limit { stroke: #c33; stroke-dasharray: 5 4 }
.verdict { font-weight: 600 } .bad { color: #c33 } .good { color: #2a8a4a } .unsure { color: #b36b00 }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .2rem .6rem .2rem 0; vertical-align: top }
.assumed { color: #b36b00 }`;

/** Colours of curves and bars, legible on a light and on a dark page. */
export const COLOURS = {
  blue: '#2b6cb0',
  red: '#c33',
  purple: '#7a4fb5',
  green: '#2a8a4a',
  amber: '#b36b00',
  teal: '#14808a',
} as const;

/**
 * A page that needs nothing else: no scripts, no fonts, no files beside it.
 * @param body HTML below the title, already escaped
 */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body>
<h1>${escapeHtml(title)}</h1>
${body}
</body></html>
`;
}

/** One row of {@link htmlTable}: its cells as text, and the class that colours it. */
export interface HtmlRow {
  readonly cells: readonly string[];
  readonly className?: string;
}

/** A table of text; nothing in it is taken for HTML. */
export function htmlTable(heads: readonly string[], rows: readonly HtmlRow[]): string {
  const row = (tag: 'td' | 'th', cells: readonly string[], className?: string) =>
    `<tr${className === undefined ? '' : ` class="${escapeHtml(className)}"`}>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`;
  return `<table>${row('th', heads)}
${rows.map(({ cells, className }) => row('td', cells, className)).join('\n')}
</table>`;
}

/** A list of text; empty where there is none. */
export function htmlList(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `<ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul>`;
}

/** Text as it may stand in an element or in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
