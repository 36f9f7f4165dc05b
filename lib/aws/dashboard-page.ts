import { Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard,
  type IAlarm,
  type IWidget,
  PeriodOverride,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { FULL_WIDTH } from './dashboard-graph';

export interface DashboardPageProps {
  /** What is above the graphs. */
  readonly title: string;
  /** Alarms whose state is shown on top, at most 100. */
  readonly alarms: readonly IAlarm[];
  /** From top to bottom. */
  readonly rows: readonly IWidget[][];
}

/** A dashboard as each of ours looks: the title, the state of the alarms, and rows of graphs of the last hours. */
export function dashboardPage(scope: Construct, { title, alarms, rows }: DashboardPageProps): Dashboard {
  return new Dashboard(scope, 'dashboard', {
    defaultInterval: Duration.hours(3),
    periodOverride: PeriodOverride.AUTO,
    widgets: [
      [new TextWidget({ markdown: `# ${title}`, width: FULL_WIDTH, height: 1 })],
      ...(alarms.length === 0 ? [] : [[new AlarmStatusWidget({ alarms: [...alarms], width: FULL_WIDTH, height: 3 })]]),
      ...rows,
    ],
  });
}
