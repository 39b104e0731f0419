import { describe, expect, it } from 'vitest';
import { webGpuAdvice } from '../../src/ui/advice';

const AGENTS = {
  Chrome:
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36',
  Edge: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0',
  Firefox: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  Safari: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15',
};

describe('advice where WebGPU is missing', () => {
  it('knows the browser', () => {
    for (const [name, agent] of Object.entries(AGENTS)) {
      expect(webGpuAdvice(agent, true).browser).toBe(name);
    }
    expect(webGpuAdvice('curl/8', true).browser).toBe('This browser');
  });

  it('speaks of flags only on Linux', () => {
    expect(webGpuAdvice(AGENTS.Chrome, true).steps.join(' ')).toContain('Unsafe WebGPU Support');
    expect(webGpuAdvice(AGENTS.Edge, true).steps.join(' ')).not.toContain('Unsafe WebGPU Support');
  });

  it('names the one cure of an insecure page', () => {
    const { steps } = webGpuAdvice(AGENTS.Chrome, false);
    expect(steps).toHaveLength(1);
    expect(steps[0]).toContain('https');
  });
});
