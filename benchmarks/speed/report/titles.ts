import { SUBJECTS } from '../subjects/all.js'
import { SUBJECT_NAMES, type SubjectName } from '../subjects/subject.js'

/** How a table calls what was measured; what is no subject keeps its name. */
export const titleOf = (name: string): string => (isSubject(name) ? SUBJECTS[name].title : name)

export const isSubject = (name: string): name is SubjectName =>
  (SUBJECT_NAMES as readonly string[]).includes(name)
