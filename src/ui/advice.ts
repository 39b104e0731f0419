/** What somebody without WebGPU can do about it. */
export interface Advice {
  readonly browser: string;
  readonly steps: readonly string[];
}

/**
 * Steps for exactly this browser.
 *
 * @param userAgent navigator.userAgent
 * @param secure whether the page came over https or from this computer
 */
export function webGpuAdvice(userAgent: string, secure: boolean): Advice {
  const browser = browserOf(userAgent);
  if (!secure) {
    return {
      browser,
      steps: ['Open this page over https, or from localhost: browsers hide WebGPU on other pages.'],
    };
  }
  const linux = /linux/i.test(userAgent) && !/android/i.test(userAgent);
  switch (browser) {
    case 'Chrome':
    case 'Edge': {
      const scheme = browser === 'Edge' ? 'edge' : 'chrome';
      return {
        browser,
        steps: [
          `Update ${browser}: WebGPU is on by default since version 113.`,
          `In ${scheme}://settings/system switch on “Use graphics acceleration when available”, then restart.`,
          ...(linux
            ? [
                `On Linux also switch on “Unsafe WebGPU Support” and “Vulkan” in ${scheme}://flags, then restart.`,
              ]
            : []),
          `${scheme}://gpu says under “WebGPU” what is still in the way.`,
        ],
      };
    }
    case 'Firefox':
      return {
        browser,
        steps: [
          'Update Firefox: WebGPU is on by default on Windows since version 141 and on newer Macs since 145.',
          'Elsewhere set dom.webgpu.enabled to true in about:config, then restart.',
          'Or open this page in Chrome or Edge on a computer.',
        ],
      };
    case 'Safari':
      return {
        browser,
        steps: [
          'Update to Safari 26 or later (macOS 26, iOS 26): WebGPU is on by default there.',
          'Or open this page in Chrome or Edge on a computer.',
        ],
      };
    default:
      return { browser, steps: ['Open this page in a current Chrome or Edge on a computer.'] };
  }
}

function browserOf(userAgent: string): string {
  if (/Edg\//.test(userAgent)) return 'Edge';
  if (/Firefox\//.test(userAgent)) return 'Firefox';
  if (/Chrom(e|ium)\//.test(userAgent)) return 'Chrome';
  if (/Safari\//.test(userAgent)) return 'Safari';
  return 'This browser';
}
