# Gateway, actions and worker: one image, three commands.
FROM python:3.12-slim
WORKDIR /app
COPY requirements/app.txt requirements/app.txt
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements/app.txt \
    && useradd --uid 10001 --no-create-home chengfatong
COPY bot bot
COPY actions actions
COPY data data
COPY domain.yml ./
ENV CHENGFATONG_VAR=/tmp/var HOME=/tmp
USER 10001
ENTRYPOINT ["python", "-m", "bot.cli"]
CMD ["gateway"]
