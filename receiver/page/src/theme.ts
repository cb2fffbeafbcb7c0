// Light or dark: what the system says, until a person chooses.
import { useEffect, useState } from 'preact/hooks';

export type Theme = 'system' | 'light' | 'dark';

const key = 'langfuse-theme';

// A browser may be told to keep nothing; then reading and writing throw, and the choice lasts as long as
// the page.
function stored(): Theme {
  try {
    const theme = localStorage.getItem(key);
    return theme === 'light' || theme === 'dark' ? theme : 'system';
  } catch {
    return 'system';
  }
}

function store(theme: Theme): void {
  try {
    localStorage.setItem(key, theme);
  } catch {
    return;
  }
}

export function useTheme(): [Theme, () => void] {
  const [theme, setTheme] = useState(stored);
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
  }, [theme]);
  const next = () => {
    const isDark = matchMedia('(prefers-color-scheme: dark)').matches;
    const chosen: Theme = (theme === 'system' ? isDark : theme === 'dark') ? 'light' : 'dark';
    store(chosen);
    setTheme(chosen);
  };
  return [theme, next];
}
