/** What each user has asked to be quizzed about. A real app would keep this in a table beside its users. */
const starters = ['Arrays', 'Graphs', 'Recursion']
const chosen = new Map<string, string[]>()

export const topicsOf = (userId: string): readonly string[] => chosen.get(userId) ?? starters

export const addTopic = (userId: string, topic: string): readonly string[] => {
  const topics = [...topicsOf(userId), topic]
  chosen.set(userId, topics)
  return topics
}
