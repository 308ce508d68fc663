import { expect } from 'chai';
import { Alarm } from '../../../src/runs/conduct/alarm.js';

describe('the alarm between the halves of a run', () => {
  it('wakes everybody who sleeps when it rings', async () => {
    const alarm = new Alarm(new AbortController().signal);
    const woken: number[] = [];
    const sleepers = [1, 2].map(async (sleeper) => {
      await alarm.sleep();
      woken.push(sleeper);
    });
    alarm.ring();
    await Promise.all(sleepers);
    expect(woken).to.deep.equal([1, 2]);
  });

  it('wakes by itself after the time that was asked for', async () => {
    await new Alarm(new AbortController().signal).sleep(1);
  });

  it('keeps the process alive while nothing rings: a run must not end because both halves sleep', () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const controller = new AbortController();
    const sleeping = new Alarm(controller.signal).sleep();
    expect(timers()).to.equal(before + 1);
    controller.abort();
    return sleeping.then(
      () => expect.fail('it should have ended with the reason of the signal'),
      (error: Error) => expect(error.name).to.equal('AbortError'),
    );
  });

  it('does not fall asleep once the signal has come', async () => {
    const over = new Error('over');
    const result = await new Alarm(AbortSignal.abort(over)).sleep().catch((error: unknown) => error);
    expect(result).to.equal(over);
  });
});
