import { expect } from 'chai';
import { modelRuleFinder } from '@instructor-cli/provider-kit';

describe('the rules about models', () => {
  it('are asked in order, without regard for capitals', () => {
    const find = modelRuleFinder([
      { match: '^big-chat', label: 'first' },
      { match: '^big', label: 'second' },
    ]);

    expect(find('BIG-chat-1')?.['label']).to.equal('first');
    expect(find('big-1')?.['label']).to.equal('second');
    expect(find('small')).to.equal(undefined);
    expect(find('constructor')).to.equal(undefined);
  });

  it('look at a model once', () => {
    let looked = 0;
    const find = modelRuleFinder([
      {
        get match() {
          looked += 1;
          return 'x';
        },
      },
    ]);
    for (let row = 0; row < 100; row += 1) find('y');

    expect(looked).to.equal(1);
  });
});
