import { useId, type ComponentProps, type ReactElement, type ReactNode } from 'react'

interface FieldFrame {
  readonly label: string
  /** Below the field; what helps before anything is wrong. */
  readonly hint?: string | undefined
  /** What is wrong, in a sentence; also marks the field. */
  readonly error?: string | undefined
}

interface TextFieldProps
  extends FieldFrame, Omit<ComponentProps<'input'>, 'onChange' | 'value' | 'id'> {
  readonly value: string
  readonly onValue: (value: string) => void
}

/** One line of text, a number, a date: whatever `type` an input has. */
export const TextField = ({
  label,
  hint,
  error,
  onValue,
  className = '',
  ...rest
}: TextFieldProps): ReactElement => {
  const ids = useFieldIds(hint, error)
  return (
    <Frame {...{ label, hint, error, ids }}>
      <input
        autoComplete="off"
        {...rest}
        {...ids.control}
        className={`input ${className}`}
        onChange={(event) => {
          onValue(event.currentTarget.value)
        }}
      />
    </Frame>
  )
}

interface QuantityFieldProps extends Omit<TextFieldProps, 'type' | 'inputMode'> {
  /** Whether 0 is an answer, as in a count. Default false. */
  readonly zero?: boolean
}

/** A whole number; takes digits only, so that no wheel and no comma changes it unseen. Empty is not 0. */
export const QuantityField = ({
  onValue,
  zero = false,
  ...rest
}: QuantityFieldProps): ReactElement => (
  <TextField
    {...rest}
    inputMode="numeric"
    pattern={zero ? '[0-9]+' : '0*[1-9][0-9]*'}
    maxLength={10}
    onValue={(value) => {
      onValue(value.replace(/\D/g, ''))
    }}
  />
)

interface SelectFieldProps
  extends FieldFrame, Omit<ComponentProps<'select'>, 'onChange' | 'value' | 'id'> {
  readonly value: string
  readonly onValue: (value: string) => void
  readonly options: readonly { readonly value: string; readonly label: string }[]
}

/** One of some; the device's own list, which every thumb and screen reader knows. */
export const SelectField = ({
  label,
  hint,
  error,
  options,
  onValue,
  className = '',
  ...rest
}: SelectFieldProps): ReactElement => {
  const ids = useFieldIds(hint, error)
  return (
    <Frame {...{ label, hint, error, ids }}>
      <select
        {...rest}
        {...ids.control}
        className={`input ${className}`}
        onChange={(event) => {
          onValue(event.currentTarget.value)
        }}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </Frame>
  )
}

interface CheckFieldProps {
  readonly label: string
  readonly checked: boolean
  readonly onValue: (checked: boolean) => void
}

/** Yes or no. */
export const CheckField = ({ label, checked, onValue }: CheckFieldProps): ReactElement => (
  <label className="check">
    <input
      type="checkbox"
      checked={checked}
      onChange={(event) => {
        onValue(event.currentTarget.checked)
      }}
    />
    {label}
  </label>
)

interface FieldIds {
  readonly base: string
  readonly control: {
    readonly id: string
    readonly 'aria-describedby': string | undefined
    readonly 'aria-invalid': true | undefined
  }
}

const useFieldIds = (hint: string | undefined, error: string | undefined): FieldIds => {
  const base = useId()
  const described = [
    hint === undefined ? undefined : `${base}-hint`,
    error === undefined ? undefined : `${base}-error`,
  ]
    .filter(Boolean)
    .join(' ')
  return {
    base,
    control: {
      id: base,
      'aria-describedby': described === '' ? undefined : described,
      'aria-invalid': error === undefined ? undefined : true,
    },
  }
}

const Frame = ({
  label,
  hint,
  error,
  ids,
  children,
}: FieldFrame & { readonly ids: FieldIds; readonly children: ReactNode }): ReactElement => (
  <div className="field">
    <label className="field-label" htmlFor={ids.base}>
      {label}
    </label>
    {children}
    {hint !== undefined && (
      <span className="field-hint" id={`${ids.base}-hint`}>
        {hint}
      </span>
    )}
    {error !== undefined && (
      <span className="field-error" id={`${ids.base}-error`}>
        {error}
      </span>
    )}
  </div>
)
