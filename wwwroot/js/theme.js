// Runs before the first paint: what "system" means here, as a cookie too, so that the server's next answer has the right colours at once.
(() => {
  const root = document.documentElement;
  const prefersDark = matchMedia('(prefers-color-scheme: dark)');
  const keep = (name, value) => { document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax`; };

  const apply = () => {
    const choice = root.dataset.themeChoice || 'system';
    const theme = choice === 'system' ? (prefersDark.matches ? 'dark' : 'light') : choice;
    keep('scheme', theme);
    if (root.dataset.theme !== theme) {
      root.dataset.theme = theme;
      document.dispatchEvent(new CustomEvent('themechange', { detail: theme }));
    }
  };

  window.hubTheme = {
    choose(choice) {
      root.dataset.themeChoice = choice;
      keep('theme', choice);
      apply();
    },
    /** Tells a component of the page the theme now and after each change. */
    follow(component) {
      const tell = () => component.invokeMethodAsync('ThemeChanged', root.dataset.theme === 'dark');
      document.addEventListener('themechange', tell);
      tell();
      return { stop: () => document.removeEventListener('themechange', tell) };
    },
  };
  keep('tz', encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone));
  prefersDark.addEventListener('change', apply);
  apply();
})();
