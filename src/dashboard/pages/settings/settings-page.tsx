import type { ReactNode } from 'react';
import { Page } from '../../look/page.tsx';
import { SectionTabs } from '../../look/section-tabs.tsx';
import { TEXTS } from '../../texts/index.ts';
import { useSettingsTabs } from './settings-shape.ts';

interface SettingsPageProps {
  readonly title: string;
  readonly lead: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

export function SettingsPage(props: SettingsPageProps) {
  const tabs = useSettingsTabs();
  return <Page above={<SectionTabs label={TEXTS.settings.section} tabs={tabs} />} {...props} />;
}
