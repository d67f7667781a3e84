import { SectionTabs } from '../../look/section-tabs.tsx';
import { TEXTS } from '../../texts/index.ts';

const texts = TEXTS.domains;

export function DomainTabs() {
  return (
    <SectionTabs
      label={texts.title}
      tabs={[
        { to: '/domains', label: texts.title },
        { to: '/domains/providers', label: texts.providers },
      ]}
    />
  );
}
