import { escapeHtml, htmlList, page } from '../report/page';
import type { Checklist } from './checklist';
import type { Point, State } from './point';

const WORDS: Readonly<Record<State, string>> = { pass: 'pass', fail: 'FAIL', unknown: 'unknown' };
const CLASSES: Readonly<Record<State, string>> = { pass: 'good', fail: 'bad', unknown: 'unsure' };

/** The checklist for a terminal. */
export function checklistText({ spec, points }: Checklist): string {
  return [
    `${spec}: ${summary(points)}`,
    ...points.flatMap(({ title, state, findings, settle }, i) => [
      '',
      `${i + 1}  ${WORDS[state].padEnd(7)}  ${title}`,
      ...findings.map((finding) => `     ${WORDS[finding.state].padEnd(7)}  ${finding.text}`),
      ...(state === 'pass' ? [] : [`     to settle it: ${settle}`]),
    ]),
    '',
  ].join('\n');
}

/** The checklist as one page that needs nothing else. */
export function checklistHtml({ spec, at, points }: Checklist): string {
  const sections = points.map(
    (
      { title, state, findings, settle },
      i,
    ) => `<h2>${i + 1}. ${escapeHtml(title)}: <span class="${CLASSES[state]}">${state}</span></h2>
${htmlList(findings.map((finding) => `${finding.state}: ${finding.text}`))}
${state === 'pass' ? '' : `<p>To settle it: <code>${escapeHtml(settle)}</code></p>`}`,
  );
  return page(
    `Checklist of ${spec}`,
    `<p>${escapeHtml(at)}: ${escapeHtml(summary(points))}.</p>\n${sections.join('\n')}`,
  );
}

function summary(points: readonly Point[]): string {
  const count = (state: State) => points.filter((point) => point.state === state).length;
  return `${count('pass')} of ${points.length} pass, ${count('fail')} fail, ${count('unknown')} unknown`;
}
