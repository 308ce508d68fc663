import { expect } from 'chai';
import { hasColour, isLively, paint, widthOf } from '../../src/ui/terminal.js';
import { streamOf, withoutTerminalSettings } from './support/terminal-of.js';

describe('a terminal', () => {
  withoutTerminalSettings();
  const terminal = streamOf(100);
  const pipe = streamOf();

  it('has colours, a pipe has none', () => {
    expect([hasColour(terminal), hasColour(pipe)]).to.deep.equal([true, false]);
  });

  it('gets its colours though standard output is a pipe', () => {
    expect(paint(terminal, 'red', 'x')).to.equal('\u001B[31mx\u001B[39m');
    expect(paint(pipe, 'red', 'x')).to.equal('x');
  });

  for (const [settings, onTerminal, onPipe] of [
    [{ NO_COLOR: '1' }, false, false],
    [{ NO_COLOR: '' }, true, false],
    [{ TERM: 'dumb' }, false, false],
    [{ FORCE_COLOR: '1' }, true, true],
    [{ FORCE_COLOR: '0' }, false, false],
  ] as const) {
    it(`does as the user says: ${JSON.stringify(settings)}`, () => {
      Object.assign(process.env, settings);
      expect([hasColour(terminal), hasColour(pipe)]).to.deep.equal([onTerminal, onPipe]);
      expect(paint(terminal, 'red', 'x') !== 'x').to.equal(onTerminal);
    });
  }

  it('has a width, a pipe has no edge, and the user may say another', () => {
    expect([widthOf(terminal), widthOf(pipe)]).to.deep.equal([100, Infinity]);
    process.env['COLUMNS'] = '70';
    expect([widthOf(terminal), widthOf(pipe)]).to.deep.equal([70, 70]);
    process.env['OCLIF_COLUMNS'] = '60';
    expect(widthOf(terminal)).to.equal(60);
    process.env['OCLIF_COLUMNS'] = 'wide';
    expect(widthOf(terminal)).to.equal(100);
  });

  it('shows what moves, unless it is dumb or nobody looks', () => {
    expect([isLively(terminal), isLively(pipe)]).to.deep.equal([true, false]);
    process.env['CI'] = '1';
    expect(isLively(terminal)).to.equal(false);
  });
});
