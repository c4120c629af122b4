import { byId } from './dom.js'

/** Tabs by the ARIA pattern: one stop for the Tab key, arrows and Home/End move between them. */
export const wireTabs = (list) => {
  const tabs = [...list.querySelectorAll('[role="tab"]:not([data-absent])')]

  const select = (chosen) => {
    for (const tab of tabs) {
      const isChosen = tab === chosen
      tab.setAttribute('aria-selected', String(isChosen))
      tab.tabIndex = isChosen ? 0 : -1
      byId(tab.getAttribute('aria-controls')).hidden = !isChosen
    }
  }

  for (const tab of tabs) {
    tab.addEventListener('click', () => select(tab))
    tab.addEventListener('keydown', (event) => {
      const next = neighbour(tabs, tab, event.key)
      if (!next) return
      event.preventDefault()
      select(next)
      next.focus()
    })
  }
  return { select: (id) => select(byId(id)) }
}

const neighbour = (tabs, tab, key) => {
  const at = tabs.indexOf(tab)
  if (key === 'ArrowRight') return tabs[(at + 1) % tabs.length]
  if (key === 'ArrowLeft') return tabs.at(at - 1)
  if (key === 'Home') return tabs[0]
  if (key === 'End') return tabs.at(-1)
  return undefined
}
