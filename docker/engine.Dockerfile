# The engine: Rasa and its Python 3.10, reached by the gateway only.
FROM python:3.10-slim
WORKDIR /app
COPY requirements/engine.txt requirements/engine.txt
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements/engine.txt \
    && useradd --uid 10001 --no-create-home chengfatong
COPY bot bot
COPY data data
COPY config.yml domain.yml endpoints.yml credentials.yml ./
ENV CHENGFATONG_VAR=/app/var OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 HOME=/tmp
RUN python -m bot.understanding.train && chown -R chengfatong /app/var
USER 10001
CMD ["python", "-m", "bot.understanding.server"]
