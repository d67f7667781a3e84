import { useState } from 'react';
import { Page } from '../../look/page.tsx';
import { TEXTS } from '../../texts/index.ts';
import { ApplyCard } from './apply-card.tsx';
import { ConnectorCard } from './connector-card.tsx';
import { ExportCard } from './export-card.tsx';
import { OwnedCard } from './owned-card.tsx';

const texts = TEXTS.blueprint;

export function BlueprintPage() {
  const [text, setText] = useState('');
  return (
    <Page title={texts.title} lead={texts.lead}>
      <ApplyCard text={text} onText={setText} />
      <ExportCard onEdit={setText} />
      <ConnectorCard />
      <OwnedCard />
    </Page>
  );
}
