import { describe, expect, it } from 'vitest';
import { labTopics } from '../../../../src/renderer/welcome/lab-topics.ts';

const lab = (name: string, topic: string, title: string) => ({ name, topic, title, text: '' });
const LABS = [
  lab('first.lab.yaml', 'First steps', 'fsdax namespace'),
  lab('hmm-tests/migrate.private.lab.yaml', 'hmm-tests', 'anon to device'),
  lab('hmm-tests/migrate.coherent.lab.yaml', 'hmm-tests', 'anon to device'),
];

describe('welcome: guided labs', () => {
  it('stand under their topics, in the order of the bench', () => {
    expect(labTopics(LABS, '').map(({ topic, labs }) => [topic, labs.length])).toEqual([
      ['First steps', 1],
      ['hmm-tests', 2],
    ]);
  });

  it('are filtered by every word, wherever it stands and however it is written', () => {
    const names = (filter: string) => labTopics(LABS, filter).flatMap(({ labs }) => labs);
    expect(names('HMM coherent')).toEqual([LABS[2]]);
    expect(names('fsdax')).toEqual([LABS[0]]);
    expect(names('fsdax coherent')).toEqual([]);
  });
});
