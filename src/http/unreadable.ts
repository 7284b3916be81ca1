import type { ErrorCode } from '@uzima/contracts'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { AppError } from '../errors/app-error.js'
import { PROBLEM_JSON, problemOf } from './problem.js'

interface Answer {
  readonly status: number
  readonly code: ErrorCode
  readonly detail: string
}

const BY_CODE: Readonly<Record<string, Answer>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: 'PAYLOAD_TOO_LARGE',
    detail: 'The headers are too long.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: 'VALIDATION_FAILED',
    detail: 'The request did not arrive in time.',
  },
}

const NOT_HTTP: Answer = {
  status: 400,
  code: 'VALIDATION_FAILED',
  detail: 'The request is not valid HTTP.',
}

/** Answers what Node could not read as HTTP, where there is still somebody to answer, and hangs up. */
export const answerUnreadable = (
  error: Error & { readonly code?: string },
  socket: Socket,
): void => {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const { status, code, detail } = BY_CODE[error.code ?? ''] ?? NOT_HTTP
  const body = JSON.stringify({ ...problemOf(new AppError(code, { detail })), status })
  socket.end(
    [
      `HTTP/1.1 ${status.toString()} ${STATUS_CODES[status] ?? ''}`,
      `Content-Type: ${PROBLEM_JSON}`,
      `Content-Length: ${Buffer.byteLength(body).toString()}`,
      'Cache-Control: no-store',
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  )
}
