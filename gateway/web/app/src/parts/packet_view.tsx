// A packet that was opened here. It stays in this page's memory and is gone when it is closed.
import type {OpenedPacket} from '../packets';
import {useWords} from '../words';

function text(value: unknown, yes: string, no: string): string {
  if (typeof value === 'boolean') return value ? yes : no;
  return typeof value === 'string' || typeof value === 'number' ? String(value) :
      JSON.stringify(value, null, 1);
}

export function PacketView({opened, onClose}: {opened: OpenedPacket; onClose: () => void}) {
  const words = useWords();
  return (
    <section className="packet" aria-labelledby="packet-title">
      <header>
        <h3 id="packet-title" tabIndex={-1} ref={(element) => element?.focus()}>
          {words.t('packet.title')}
        </h3>
        <button type="button" className="quiet" onClick={onClose}>{words.t('packet.close')}</button>
      </header>
      {opened.firstUse !== '' && (
        <p className="note">{words.t('packet.first_use', {fingerprint: opened.firstUse})}</p>
      )}
      {Object.entries(opened.content).map(([category, held]) => (
        <section key={category} className="category">
          <h4>{words.coded('category', category)}</h4>
          <dl>
            {Object.entries(held).map(([name, value]) => (
              <div key={name}>
                <dt>{words.coded('field', name)}</dt>
                <dd>{text(value, words.t('yes'), words.t('no'))}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      {opened.redisclosureStatement !== '' && (
        <p className="note">{opened.redisclosureStatement}</p>
      )}
    </section>
  );
}
